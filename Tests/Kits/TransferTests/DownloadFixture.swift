// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Transfer

/// A lying server with one file, and a place to download it to.
struct DownloadFixture {
    let server: HTTPServer
    let folder: TemporaryDirectory
    let content: Data
    static let name = "image.img"

    init(_ count: Int = 300_000) async throws {
        server = try await HTTPServer()
        folder = try TemporaryDirectory()
        content = sampleBytes(count)
        try server.root.write(content, to: Self.name)
        try Self.age(server.root.file(Self.name))
    }

    /// Makes a file old, so that its modification date is a strong validator.
    static func age(_ path: String) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3_600)], ofItemAtPath: path)
    }

    /// Loopback allowed, short pauses.
    static func download(bytesMax: Int = 1 << 30) -> Download {
        var policy = TransferPolicy(
            schemes: [.http], allowsPrivateAddresses: true, redirectsMax: 3)
        policy.lowSpeedTime = .seconds(10)
        var download = Download(policy: policy, bytesMax: bytesMax)
        download.reconnectPause = .milliseconds(10)
        download.checkpointInterval = .milliseconds(20)
        return download
    }

    var url: String { server.url(Self.name) }
    var path: String { folder.file("partial") }

    @discardableResult
    func run(
        _ download: Download = download(), _ observer: RecordingObserver = RecordingObserver(),
        url: String? = nil, until deadline: ContinuousClock.Instant? = nil
    ) async throws -> Download.Result {
        try await download.run(url ?? self.url, into: path, observer: observer, until: deadline)
    }

    /// Leaves the first `count` bytes and their state behind, as a process that died would.
    func interrupt(after count: Int, _ change: (inout HTTPServer.Behaviour) -> Void = { _ in })
        async throws
    {
        try server.program(
            Self.name,
            .with {
                $0.truncate = count
                change(&$0)
            }, .status(503))
        var download = Self.download()
        download.reconnectsMax = 0
        do {
            _ = try await run(download)
        } catch let error as TransferError where error.isTransient {
            return
        }
        throw NotInterrupted()
    }

    /// What `Range` the last request of the file had.
    func lastRange() throws -> String? {
        try server.requests(Self.name).last?.headers["range"]
    }

    var file: Data { FileManager.default.contents(atPath: path) ?? Data() }
}

/// The source was served to its end against expectation.
struct NotInterrupted: Error {}

extension Download.Result {
    var finished: Download.Finished? {
        if case .finished(let facts) = self { facts } else { nil }
    }
}
