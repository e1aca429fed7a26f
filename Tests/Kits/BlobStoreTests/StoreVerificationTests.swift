// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct StoreVerificationTests {
    @Test func findsDamageAndForeignFiles() async throws {
        let folder = try StoreFolder()
        let good = try await folder.store.put(Array("good"), for: "p")
        let bad = try await folder.store.put(Array("bad"), for: "p")
        try folder.overwrite(bad, with: Array("bat"))
        try folder.folder.write("?", to: "store/blobs/00/notes.txt")
        let misplaced = "store/blobs/00/\(good.sha256)"
        try folder.folder.write("good", to: misplaced)

        let seen = Mutex<[StoreVerification.Progress]>([])
        let report = try await folder.store.verify { step in seen.withLock { $0.append(step) } }
        #expect(report.blobs == 4)
        #expect(report.bytes == 7)
        let damaged = report.findings.filter {
            if case .damaged = $0.fault { true } else { false }
        }
        #expect(damaged.map(\.path) == [folder.blobPath(bad)])
        #expect(
            Set(report.findings.filter { $0.fault == .foreign }.map(\.path)) == [
                folder.folder.file("store/blobs/00/notes.txt"), folder.folder.file(misplaced),
            ])
        #expect(seen.withLock { $0.map(\.blobs) } == [1, 2, 3, 4])
        #expect(seen.withLock { $0.allSatisfy { $0.blobsTotal == 4 } })
    }

    @Test func quarantineMakesRoomForAFreshCopy() async throws {
        let folder = try StoreFolder()
        let bad = try await folder.store.put(Array("bad"), for: "p")
        try folder.overwrite(bad, with: Array("bat"))
        let report = try await folder.store.verify(quarantine: true)
        #expect(report.findings.count == 1)
        #expect(folder.names(in: "quarantine") == [bad.sha256])
        #expect(throws: BlobStoreError.missing(sha256: bad.sha256)) {
            try folder.store.path(of: bad)
        }
        _ = try await folder.store.put(Array("bad"), for: "p")
        #expect(try await folder.store.verify().findings.isEmpty)
    }

    @Test func anEmptyStoreIsSound() async throws {
        let report = try await StoreFolder().store.verify()
        #expect(report == StoreVerification())
    }
}
