// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Transfer

@Suite("Downloads over FTP", .serialized, .timeLimit(.minutes(2)))
struct DownloadFTPTests {
    private let content = sampleBytes(300_000)

    private func download() -> Download {
        var download = DownloadFixture.download()
        download.policy.schemes = [.ftp]
        return download
    }

    private func served() async throws -> FTPServer {
        let server = try await FTPServer()
        try server.root.write(content, to: "images/image.img")
        return server
    }

    @Test("A file arrives whole; an empty one too")
    func plain() async throws {
        let server = try await served()
        try server.root.write("", to: "empty")
        let folder = try TemporaryDirectory()
        let observer = RecordingObserver()
        let result = try await download().run(
            server.url("images/image.img"), into: folder.file("x"), observer: observer)
        #expect(result.finished?.size == 300_000)
        #expect(observer.seen.received == content)
        let empty = try await download().run(
            server.url("empty"), into: folder.file("y"), observer: RecordingObserver())
        #expect(empty.finished?.size == 0)
    }

    @Test("A cut transfer goes on with REST")
    func resumes() async throws {
        let server = try await served()
        try server.truncateNext(after: 100_000)
        let folder = try TemporaryDirectory()
        let observer = RecordingObserver()
        let result = try await download().run(
            server.url("images/image.img"), into: folder.file("x"), observer: observer)
        #expect(observer.seen.received == content)
        #expect(result.finished?.bytesReceived == 300_000)
        #expect(server.commands.contains("REST 100000"))
    }

    @Test("A later run begins anew when the file's date changed, and goes on when it did not")
    func changed() async throws {
        let server = try await served()
        let folder = try TemporaryDirectory()
        var once = download()
        once.reconnectsMax = 0
        for changes in [false, true] {
            try server.truncateNext(after: 100_000)
            await #expect(throws: TransferError.self) {
                try await once.run(
                    server.url("images/image.img"), into: folder.file("x"),
                    observer: RecordingObserver())
            }
            let second = changes ? sampleBytes(300_000, seed: 2) : content
            if changes {
                try server.root.write(second, to: "images/image.img")
                try DownloadFixture.age(server.root.file("images/image.img"))
            }
            let result = try await download().run(
                server.url("images/image.img"), into: folder.file("x"),
                observer: RecordingObserver())
            #expect(result.finished?.bytesResumed == (changes ? 0 : 100_000))
            #expect(FileManager.default.contents(atPath: folder.file("x")) == second)
            Download.discard(folder.file("x"))
        }
    }

    @Test("A missing file is final, and so are sizes beyond the limit, directories and types")
    func refused() async throws {
        let server = try await served()
        let folder = try TemporaryDirectory()
        let expectations: [(String, TransferError)] = [
            ("nothing", .ftpRefused(reply: 550)),
            ("images/image.img", .tooLarge(bytesMax: 1_000)),
            ("images/", .invalidURL(reason: "names a directory")),
            ("images/image.img;type=a", .invalidURL(reason: "has an FTP transfer type")),
        ]
        for (name, expected) in expectations {
            var download = download()
            download.bytesMax = 1_000
            let error = await #expect(throws: TransferError.self) {
                try await download.run(
                    server.url(name), into: folder.file("x"), observer: RecordingObserver())
            }
            #expect(error == expected)
            #expect(error?.isTransient == false)
        }
    }

    /// Servers without SIZE say the length in words, and may say anything.
    @Test("An announced length beyond all numbers is no crash")
    func hostileLength() {
        #expect(FTPDownload.total(start: 1_000, rest: .max) == .max)
        #expect(FTPDownload.total(start: 1_000, rest: 500) == 1_500)
        #expect(FTPDownload.total(start: 1_000, rest: -1) == nil)
    }
}
