// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import TestSupport

@testable import FetcherWorker

/// A fetcher, a store and a lying server with one image and its checksum file.
struct FetcherBench {
    let server: HTTPServer
    let folder: TemporaryDirectory
    let content: Data
    static let name = "image.img"
    static let sums = "SHA256SUMS"

    init(_ content: Data = FetcherBench.bytes(400_000)) async throws {
        server = try await HTTPServer()
        folder = try TemporaryDirectory()
        self.content = content
        try server.root.write(content, to: Self.name)
        try server.root.write("0  \(Self.name)\n", to: Self.sums)
    }

    static func bytes(_ count: Int, seed: UInt64 = 1) -> Data {
        var state = seed
        return Data(
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            })
    }

    /// Loopback allowed, progress saved often.
    static func handler(_ settings: [String: String] = [:]) throws -> FetcherHandler {
        var values = [
            "fetcher.allow-private-addresses": "true", "fetcher.checkpoint-interval": "20ms",
        ]
        values.merge(settings) { $1 }
        return FetcherHandler(try FetcherConfig(SettingValues(FetcherConfig.settings, values)))
    }

    static func event(
        _ url: String, sums: [String] = [], _ change: (inout ImageRequest) -> Void = { _ in }
    ) -> Event {
        var request = Fixture.request()
        request.source = ImageRequest.Source(url: url, format: .raw)
        request.checksumFiles = sums.map { ImageRequest.ChecksumFile(url: $0) }
        change(&request)
        return Fixture.imageNew(request: request)
    }

    func event(_ change: (inout ImageRequest) -> Void = { _ in }) -> Event {
        Self.event(server.url(Self.name), sums: [server.url(Self.sums)], change)
    }

    func store() throws -> BlobStore { try BlobStore(directory: folder.path) }

    func handle(
        _ event: Event? = nil, _ settings: [String: String] = [:],
        deadline: Duration = .seconds(600),
        progress: @escaping @Sendable (Event) async -> Void = { _ in }
    ) async throws -> Outcome {
        let context = TestContext.make(
            stage: .fetcher, store: try store(), deadline: deadline, progress: progress)
        return try await Self.handler(settings).handle(event ?? self.event(), context)
    }

    /// What the only event of a successful outcome says.
    func fetched(_ outcome: Outcome) throws -> Fetched {
        guard case .done(let events) = outcome, events.count == 1, let event = events.first else {
            throw Unexpected(outcome: outcome)
        }
        return try event.section(Fetched.self)
    }

    /// The requests of the image.
    func requests() throws -> [HTTPServer.Request] { try server.requests(Self.name) }

    /// The image's file in the store's partial area.
    func partial() throws -> String {
        FetchPlace(event(), url: server.url(Self.name), store: try store()).image
    }
}

struct Unexpected: Error {
    var outcome: Outcome
}

extension Outcome {
    var rejection: Rejection? {
        if case .reject(let rejection) = self { rejection } else { nil }
    }
    var isYield: Bool {
        if case .yield = self { true } else { false }
    }
}
