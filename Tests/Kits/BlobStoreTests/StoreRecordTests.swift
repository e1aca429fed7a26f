// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct StoreRecordTests {
    private let folder: StoreFolder
    private var store: BlobStore { folder.store }
    private let publication = StoreFolder.publication
    private let day: TimeInterval = 86_400

    init() throws { folder = try StoreFolder() }

    @Test func aRecordIsFoundByItsNameAndReplacesTheOneBefore() async throws {
        #expect(try store.recorded("lineage", for: publication) == nil)
        #expect(try store.recordNames(for: publication) == [])
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/records"), "made lazily")
        let first = try await store.put([1], for: publication)
        let second = try await store.put([2, 2], for: publication)
        try await store.record(first, as: "lineage", for: publication)
        try await store.record(first, as: "lineage", for: publication)
        #expect(try store.recorded("lineage", for: publication) == first)
        try await store.record(second, as: "lineage", for: publication)
        try await store.record(first, as: "scan-report", for: publication)
        let again = try BlobStore(directory: folder.path)
        #expect(try again.recorded("lineage", for: publication) == second)
        #expect(try again.recordNames(for: publication) == ["lineage", "scan-report"])
        #expect(folder.names(in: "tmp") == [])
    }

    /// The pins of a publication end when its image is listed or rejected; what is recorded stays.
    @Test func aRecordKeepsItsBlobWithoutAPin() async throws {
        let kept = try await store.put([1], for: publication)
        let free = try await store.put([2], for: publication)
        try await store.record(kept, as: "lineage", for: publication)
        try store.release(publication: publication)
        for blob in [kept, free] { try folder.age(folder.blobPath(blob), seconds: 2 * day) }
        let report = try await store.gc(settling: .zero)
        #expect(report.deleted.map(\.name) == [free.sha256])
        #expect(try await store.read(kept, bytesMax: 1) == [1])
    }

    @Test func recordsOfPublicationsLongGoneAreCollected() async throws {
        let blob = try await store.put([1], for: publication)
        try await store.record(blob, as: "lineage", for: publication)
        try await store.record(blob, as: publication, for: "image-0123456789abcdef")
        try store.pin(blob, for: "listed-" + publication)
        try store.release(publication: publication)
        let paths = [
            "records/\(publication)/lineage", "records/image-0123456789abcdef/\(publication)",
        ]
        for path in paths { try folder.age("\(folder.path)/\(path)", seconds: 401 * day) }
        try folder.age(folder.blobPath(blob), seconds: 401 * day)
        #expect(try await store.gc(settling: .zero).leftovers == [], "it is listed")
        try store.release(publication: "listed-" + publication)
        let dry = try await store.gc(settling: .zero, dryRun: true)
        #expect(Set(dry.leftovers.map(\.name)) == Set(paths))
        #expect(try store.recorded("lineage", for: publication) == blob)
        let report = try await store.gc(settling: .zero)
        #expect(report.leftovers == dry.leftovers)
        #expect(report.deleted.map(\.name) == [blob.sha256])
        #expect(try store.recorded("lineage", for: publication) == nil)
        #expect(folder.names(in: "records") == [])
    }

    @Test func onlyWhatIsInTheStoreIsRecorded() async throws {
        let absent = BlobReference(sha256: String(repeating: "a", count: 64), size: 1)
        await #expect(throws: BlobStoreError.missing(sha256: absent.sha256)) {
            try await store.record(absent, as: "lineage", for: publication)
        }
        await #expect(throws: BlobStoreError.malformedReference) {
            try await store.record(
                BlobReference(sha256: "../x", size: 1), as: "lineage", for: publication)
        }
    }

    @Test(arguments: ["", "..", "a/b", "A", String(repeating: "a", count: 65)])
    func namesCannotLeaveTheFolder(name: String) async throws {
        let blob = try await store.put([1], for: publication)
        await #expect(throws: BlobStoreError.self) {
            try await store.record(blob, as: name, for: publication)
        }
        await #expect(throws: BlobStoreError.self) {
            try await store.record(blob, as: "lineage", for: name)
        }
        #expect(throws: BlobStoreError.self) { try store.recorded(name, for: publication) }
        #expect(throws: BlobStoreError.self) { try store.recordNames(for: name) }
    }

    @Test(arguments: ["", "x", "0123 4\n", "\(String(repeating: "a", count: 64)) 1"])
    func aDamagedRecordIsAnErrorAndKeepsNothing(text: String) async throws {
        let blob = try await store.put([1], for: publication)
        try await store.record(blob, as: "lineage", for: publication)
        let path = "\(folder.path)/records/\(publication)/lineage"
        try FileManager.default.removeItem(atPath: path)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(throws: BlobStoreError.malformedReference) {
            try store.recorded("lineage", for: publication)
        }
        _ = try await store.gc()
    }
}
