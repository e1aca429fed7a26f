// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import TestSupport
import Testing

/// The store under several processes, and under processes that die.
@Suite(.timeLimit(.minutes(3))) struct StoreProcessTests {
    /// Blob `number`: some pages, so that a write can be cut in two.
    private static func content(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 50_000 + number)
    }

    @Test func processesMayWriteTheSameBlobs() async throws {
        let folder = try StoreFolder()
        let path = folder.path
        try await withThrowingTaskGroup { group in
            for writer in 0..<3 {
                group.addTask {
                    await #expect(processExitsWith: .success) {
                        [path = path as String, writer = writer as Int] in
                        let store = try BlobStore(directory: path)
                        for number in 0..<40 {
                            let blob = try await store.put(
                                Self.content(number), for: "writer-\(writer)")
                            let bytes = try await store.read(blob, bytesMax: 1 << 20)
                            guard bytes == Self.content(number) else { exit(3) }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await folder.store.verify().blobs == 40)
        #expect(try await folder.store.verify().findings.isEmpty)
        #expect(folder.names(in: "tmp").isEmpty)
        #expect(try folder.store.publications() == ["writer-0", "writer-1", "writer-2"])
    }

    /// Whatever a killed writer had finished is whole and pinned; what it had not is absent; what
    /// it leaves in `tmp` is collected.
    @Test(arguments: 0..<8)
    func aKilledWriterLeavesNoHalfBlob(round: Int) async throws {
        let folder = try StoreFolder(inMemory: false)
        let path = folder.path
        let log = folder.folder.file("log")
        let delay = Int.random(in: 2_000...60_000)
        await #expect(processExitsWith: .signal(SIGKILL), "killed after \(delay) µs") {
            [path = path as String, log = log as String, delay = delay as Int] in
            let store = try BlobStore(directory: path)
            let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(delay)) {
                kill(getpid(), SIGKILL)
            }
            for number in 0... {
                let blob = try await store.put(Self.content(number % 3000), for: "p")
                let line = Array("\(blob.sha256) \(blob.size)\n")
                _ = write(descriptor, line, line.count)
            }
        }
        let lines = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        for line in lines.split(separator: "\n") {
            let fields = line.split(separator: " ")
            let size = try #require(Int(fields[1]))
            let blob = BlobReference(sha256: String(fields[0]), size: size)
            #expect(try await folder.store.read(blob, bytesMax: size).count == size)
            #expect(FileManager.default.fileExists(atPath: "\(path)/pins/p/\(blob.sha256)"))
        }
        #expect(try await folder.store.verify().findings.isEmpty)
        for name in folder.names(in: "tmp") {
            try folder.age("\(path)/tmp/\(name)", seconds: 100_000)
        }
        _ = try await folder.store.gc()
        #expect(folder.names(in: "tmp").isEmpty)
    }

    @Test func aFullDiskIsATypedErrorAndLeavesNothing() async throws {
        let folder = try StoreFolder()
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            let store = try BlobStore(directory: path)
            var limit = rlimit(rlim_cur: 10_000, rlim_max: 10_000)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            do {
                _ = try await store.put(Self.content(1), for: "p")
                exit(1)
            } catch BlobStoreError.file("writing", _, EFBIG) {
                _ = try await store.put([1], for: "p")
            }
        }
        #expect(folder.names(in: "tmp").isEmpty)
        #expect(try await folder.store.verify().blobs == 1)
    }

    @Test(.enabled(if: getuid() == 0, "only root can become somebody without rights"))
    func lackOfRightsIsATypedTransientError() async throws {
        let folder = try StoreFolder()
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let store = try BlobStore(directory: path)
            guard setuid(65_534) == 0 else { exit(2) }
            do {
                _ = try await store.put([1], for: "p")
                exit(1)
            } catch let error as BlobStoreError {
                guard case .file(_, _, EACCES) = error, error.isTransient else { exit(3) }
            }
        }
    }

    @Test(arguments: [ENOSPC, EDQUOT, EACCES, EROFS, EIO, ESTALE, EMFILE])
    func whatAnOperatorCanMendIsTransient(code: Int32) {
        #expect(BlobStoreError.file(operation: "writing", name: "x", code: code).isTransient)
    }
}
