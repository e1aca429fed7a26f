// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing
import Transfer

@Suite("Downloads from a directory", .serialized, .timeLimit(.minutes(1)))
struct DownloadFileTests {
    private let content = sampleBytes(3_000_000)
    private let root: TemporaryDirectory
    private let folder: TemporaryDirectory

    init() throws {
        root = try TemporaryDirectory()
        folder = try TemporaryDirectory()
        try root.write(content, to: "my image.img")
    }

    private func run(_ url: String, bytesMax: Int = 1 << 30) async throws -> Download.Result {
        var policy = TransferPolicy(schemes: [.file])
        policy.fileRoots = [root.path]
        return try await Download(policy: policy, bytesMax: bytesMax).run(
            url, into: folder.file("x"), observer: RecordingObserver())
    }

    @Test("A regular file below an allowed directory is read")
    func plain() async throws {
        let result = try await run("file://\(root.path)/my%20image.img")
        #expect(result.finished?.size == content.count)
        #expect(FileManager.default.contents(atPath: folder.file("x")) == content)
    }

    @Test("Everything else is refused: outside, through a link, a pipe, a directory, no file")
    func refused() async throws {
        try FileManager.default.createSymbolicLink(
            atPath: root.file("link"), withDestinationPath: "/etc/passwd")
        try #require(mkfifo(root.file("pipe"), 0o600) == 0)
        let name = root.path.split(separator: "/").last ?? ""
        for path in [
            "/etc/passwd", "\(root.path)/link", "\(root.path)/pipe", root.path,
            "\(root.path)/nothing", "\(root.path)/../\(name)x/y", "\(root.path)/../../etc/passwd",
            "\(root.path)/%2e%2e/%2e%2e/etc/passwd", "/dev/zero",
        ] {
            let error = await #expect(throws: TransferError.self) {
                try await run("file://\(path)")
            }
            guard case .forbiddenFile = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
        }
        await #expect(throws: TransferError.self) {
            try await run("file://elsewhere\(root.path)/my%20image.img")
        }
    }

    @Test("The size limit holds")
    func size() async throws {
        await #expect(throws: TransferError.tooLarge(bytesMax: 1_000)) {
            try await run("file://\(root.path)/my%20image.img", bytesMax: 1_000)
        }
    }

    @Test("Without allowed directories nothing is read")
    func noRoots() async throws {
        let download = Download(policy: TransferPolicy(schemes: [.file]), bytesMax: 1 << 30)
        let error = await #expect(throws: TransferError.self) {
            try await download.run(
                "file://\(root.path)/my%20image.img", into: folder.file("x"),
                observer: RecordingObserver())
        }
        #expect(error?.isTransient == false)
    }
}
