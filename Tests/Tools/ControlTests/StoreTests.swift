// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import TestSupport
import Testing

@Suite("imprimatur store", .timeLimit(.minutes(2)))
struct StoreTests {
    private let folder: TemporaryDirectory
    private let store: BlobStore

    init() throws {
        folder = try TemporaryDirectory()
        store = try BlobStore(directory: folder.file("store"))
    }

    private func imprimatur(_ arguments: String...) async throws -> (status: Int32, output: String)
    {
        try await run(
            Workbench.program(), ["store"] + arguments,
            environment: ["IMPRIMATUR_STORE_PATH": store.directory])
    }

    @Test("verify is content with a sound store and finds a damaged blob")
    func verify() async throws {
        let blob = try await store.put([1, 2, 3], for: "0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111")
        let sound = try await imprimatur("verify")
        #expect(sound.status == 0, "\(sound.output)")
        #expect(sound.output.contains("1 blobs, 3 B, 0 faults"))

        let path = try store.path(of: blob)
        chmod(path, 0o600)
        try Data([1, 2, 4]).write(to: URL(filePath: path))
        let damaged = try await imprimatur("verify", "--json")
        #expect(damaged.status == 1)
        let report = try Workbench.object(damaged.output)
        guard case .array(let findings) = report["findings"] else {
            Issue.record("no findings: \(damaged.output)")
            return
        }
        #expect(findings.map { $0["fault"]?.string } == ["damaged"])
        #expect(findings.first?["path"]?.string?.hasSuffix(blob.sha256) == true)
        let moved = try await imprimatur("verify", "--quarantine")
        #expect(moved.status == 1)
        #expect(try await imprimatur("verify").status == 0)
    }

    @Test("gc spares what is pinned and deletes the rest, after having said so")
    func gc() async throws {
        let kept = try await store.put([1], for: "0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111")
        let free = try await store.put([2], for: "1f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111")
        try store.release(publication: "1f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111")
        let limits = ["--older-than", "0s", "--settling", "0s"]
        let dry = try await run(
            Workbench.program(),
            ["store", "gc", "--dry-run", "--store-path", store.directory] + limits)
        #expect(dry.status == 0, "\(dry.output)")
        #expect(dry.output.contains(free.sha256))
        #expect(!dry.output.contains(kept.sha256))
        _ = try store.path(of: free)
        for _ in 0..<2 {
            let done = try await run(
                Workbench.program(),
                ["store", "gc", "--json", "--store-path", store.directory] + limits)
            #expect(done.status == 0, "\(done.output)")
        }
        _ = try store.path(of: kept)
        #expect(throws: BlobStoreError.missing(sha256: free.sha256)) { try store.path(of: free) }
    }

    @Test("A store that is not there is not made")
    func absent() async throws {
        let path = folder.file("none")
        let result = try await imprimatur("verify", "--store-path", path)
        #expect(result.status == 2)
        #expect(!FileManager.default.fileExists(atPath: path))
        let unnamed = try await run(Workbench.program(), ["store", "gc"])
        #expect(unnamed.status == 64)
        #expect(unnamed.output.contains("IMPRIMATUR_STORE_PATH"))
    }
}
