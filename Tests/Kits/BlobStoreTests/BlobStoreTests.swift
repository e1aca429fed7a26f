// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Signatures
import Synchronization
import TestSupport
import Testing

@Suite struct BlobStoreTests {
    private let folder: StoreFolder
    private var store: BlobStore { folder.store }
    private let publication = StoreFolder.publication

    init() throws { folder = try StoreFolder() }

    @Test func whatIsPutCanBeReadAndIsPinned() async throws {
        let blob = try await store.put(Array("abc"), for: publication)
        #expect(blob.size == 3)
        #expect(
            blob.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try await store.read(blob, bytesMax: 3) == Array("abc"))
        #expect(try store.path(of: blob) == folder.blobPath(blob))
        #expect(try folder.mode(folder.blobPath(blob)) == 0o444)
        #expect(folder.names(in: "pins/\(publication)") == [blob.sha256])
        #expect(folder.names(in: "tmp").isEmpty)
    }

    @Test func nothingAtAllIsABlobToo() async throws {
        let blob = try await store.put([], for: publication)
        #expect(try await store.read(blob, bytesMax: 0).isEmpty)
        #expect(try await store.digests(of: blob).size == 0)
    }

    @Test func puttingTwiceIsHarmlessAndMendsDamage() async throws {
        let blob = try await store.put(Array("abc"), for: publication)
        #expect(try await store.put(Array("abc"), for: publication) == blob)
        try folder.overwrite(blob, with: Array("abd"))
        #expect(try await store.put(Array("abc"), for: publication) == blob)
        #expect(try await store.read(blob, bytesMax: 3) == Array("abc"))
        #expect(folder.names(in: "tmp").isEmpty)
    }

    @Test func readingChecksLengthDigestAndLimit() async throws {
        let blob = try await store.put(Array("abc"), for: publication)
        let longer = BlobReference(sha256: blob.sha256, size: 4)
        await #expect(
            throws: BlobStoreError.wrongSize(sha256: blob.sha256, expected: 4, found: 3)
        ) { try await store.read(longer, bytesMax: 10) }
        #expect(throws: BlobStoreError.wrongSize(sha256: blob.sha256, expected: 4, found: 3)) {
            try store.path(of: longer)
        }
        await #expect(throws: BlobStoreError.tooLarge(bytes: 3, bytesMax: 2)) {
            try await store.read(blob, bytesMax: 2)
        }
        try folder.overwrite(blob, with: Array("abd"))
        let found = "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9"
        await #expect(throws: BlobStoreError.damaged(sha256: blob.sha256, found: found)) {
            try await store.read(blob, bytesMax: 3)
        }
        await #expect(throws: BlobStoreError.damaged(sha256: blob.sha256, found: found)) {
            try await store.digests(of: blob)
        }
    }

    @Test func whatIsMissingIsWorthAnotherTry() async throws {
        let blob = BlobReference(sha256: String(repeating: "0", count: 64), size: 0)
        let missing = BlobStoreError.missing(sha256: blob.sha256)
        #expect(missing.isTransient)
        #expect(throws: missing) { try store.path(of: blob) }
        await #expect(throws: missing) { try await store.read(blob, bytesMax: 10) }
        #expect(throws: missing) { try store.pin(blob, for: publication) }
    }

    @Test(arguments: [
        ("", 0), ("ba7816bf", 0), ("../../../../../../etc/passwd", 3),
        (String(repeating: "A", count: 64), 3), (String(repeating: "0", count: 64), -1),
        (String(repeating: "../", count: 21) + "a", 3), (String(repeating: "é", count: 32), 3),
    ])
    func malformedReferencesNeverBecomePaths(sha256: String, size: Int) async throws {
        let blob = BlobReference(sha256: sha256, size: size)
        #expect(throws: BlobStoreError.malformedReference) { try store.path(of: blob) }
        #expect(throws: BlobStoreError.malformedReference) {
            try store.pin(blob, for: publication)
        }
        await #expect(throws: BlobStoreError.malformedReference) {
            try await store.read(blob, bytesMax: 10)
        }
        await #expect(throws: BlobStoreError.malformedReference) {
            try await store.adopt(
                partial: store.partialPath("x"), as: blob, for: publication)
        }
    }

    @Test(arguments: [
        "", ".", "..", "../x", "a/b", "/etc", "A", "a b", "a\0", "é",
        String(repeating: "a", count: 65),
    ])
    func hostilePublicationsAreRefused(name: String) async throws {
        await #expect(throws: BlobStoreError.self) { try await store.put([1], for: name) }
        #expect(throws: BlobStoreError.self) { try store.release(publication: name) }
        #expect(folder.names(in: "pins").isEmpty)
        #expect(folder.names(in: "tmp").isEmpty)
    }

    @Test func aLinkInABlobsPlaceIsNotFollowed() async throws {
        let blob = try await store.put(Array("abc"), for: publication)
        let outside = try folder.folder.write("abc", to: "outside")
        try FileManager.default.removeItem(atPath: folder.blobPath(blob))
        try FileManager.default.createSymbolicLink(
            atPath: folder.blobPath(blob), withDestinationPath: outside)
        let error = await #expect(throws: BlobStoreError.self) {
            try await store.read(blob, bytesMax: 3)
        }
        #expect(error?.isTransient == false)
        #expect(throws: BlobStoreError.self) { try store.path(of: blob) }
    }

    @Test func allFourDigestsOfABlob() async throws {
        let blob = try await store.put(Array("abc"), for: publication)
        let found = try await store.digests(of: blob)
        #expect(found.md5 == "900150983cd24fb0d6963f7d28e17f72")
        #expect(found.sha1 == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(found.sha256 == blob.sha256)
        #expect(found.size == 3)
    }

    @Test func streamingGivesAllBytesInOrder() async throws {
        let bytes = (0..<3 * BlobStore.pieceBytes + 5).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let blob = try await store.put(bytes, for: publication)
        let collected = Mutex<[UInt8]>([])
        try await store.stream(blob) { piece in
            #expect(piece.count <= BlobStore.pieceBytes)
            collected.withLock { $0 += piece }
        }
        #expect(collected.withLock { $0 } == bytes)

        struct Enough: Error {}
        await #expect(throws: Enough.self) {
            try await store.stream(blob) { _ in throw Enough() }
        }
        await #expect(throws: BlobStoreError.self) {
            try await store.stream(BlobReference(sha256: blob.sha256, size: 1)) { _ in }
        }
    }

    @Test func releasingDropsThePinsOfOnePublication() async throws {
        let blob = try await store.put(Array("abc"), for: publication)
        try store.pin(blob, for: "other")
        try store.pin(blob, for: "other")
        #expect(try store.publications() == [publication, "other"])
        try store.release(publication: publication)
        try store.release(publication: publication)
        #expect(try store.publications() == ["other"])
        #expect(folder.names(in: "pins/other") == [blob.sha256])
    }
}
