// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct StoreCollectionTests {
    private let folder: StoreFolder
    private var store: BlobStore { folder.store }
    private let day: TimeInterval = 86_400

    init() throws { folder = try StoreFolder() }

    /// A blob last touched two days ago, pinned or not.
    private func oldBlob(_ text: String, pinned: Bool = false) async throws -> BlobReference {
        let publication = "publication-\(text)"
        let blob = try await store.put(Array(text), for: publication)
        if !pinned { try store.release(publication: publication) }
        try folder.age(folder.blobPath(blob), seconds: 2 * day)
        return blob
    }

    @Test func pinnedAndYoungBlobsStay() async throws {
        let pinned = try await oldBlob("pinned", pinned: true)
        let young = try await store.put(Array("young"), for: "p")
        try store.release(publication: "p")
        let old = try await oldBlob("old")
        let report = try await store.gc(settling: .zero)
        #expect(report.deleted == [StoreCollection.Item(name: old.sha256, size: 3)])
        #expect(report.kept == 2)
        #expect(try await store.read(pinned, bytesMax: 10) == Array("pinned"))
        #expect(try await store.read(young, bytesMax: 10) == Array("young"))
        #expect(throws: BlobStoreError.missing(sha256: old.sha256)) { try store.path(of: old) }
    }

    @Test func deletionNeedsTwoRunsWithTimeBetween() async throws {
        let old = try await oldBlob("old")
        let first = try await store.gc()
        #expect(first.setAside.map(\.name) == [old.sha256])
        #expect(first.deleted.isEmpty)
        #expect(folder.names(in: "trash") == [old.sha256])
        let second = try await store.gc()
        #expect(second == StoreCollection(), "the settling time has not passed")
        let third = try await store.gc(settling: .zero)
        #expect(third.deleted.map(\.name) == [old.sha256])
        #expect(folder.names(in: "trash").isEmpty)
    }

    @Test func whatIsNeededAgainComesBackFromTheTrash() async throws {
        let read = try await oldBlob("read")
        let pinned = try await oldBlob("pinned")
        let put = try await oldBlob("put")
        _ = try await store.gc()
        #expect(folder.names(in: "trash").count == 3)
        #expect(try await store.read(read, bytesMax: 10) == Array("read"))
        try store.pin(pinned, for: "p")
        #expect(try await store.put(Array("put"), for: "p") == put)
        let report = try await store.gc(settling: .zero)
        #expect(report.kept == 3)
        #expect(report.restored == [put.sha256], "written anew, so its old copy goes back too")
        for blob in [read, pinned, put] { _ = try store.path(of: blob) }
    }

    /// A collection that died after moving a blob away, with a pin made just before.
    @Test func aBrokenOffCollectionIsCompleted() async throws {
        let blob = try await store.put(Array("abc"), for: "p")
        try FileManager.default.moveItem(
            atPath: folder.blobPath(blob), toPath: "\(folder.path)/trash/\(blob.sha256)")
        let report = try await store.gc(settling: .zero)
        #expect(report.restored == [blob.sha256])
        #expect(FileManager.default.fileExists(atPath: folder.blobPath(blob)))
        #expect(folder.names(in: "trash").isEmpty)
    }

    @Test func leftoversGoWhenTheyAreOld() async throws {
        let old = ["tmp/crashed", "partial/abandoned"]
        for name in old + ["tmp/fresh", "partial/running"] {
            try folder.folder.write("12345", to: "store/\(name)")
        }
        for name in old { try folder.age("\(folder.path)/\(name)", seconds: 2 * day) }
        let report = try await store.gc()
        #expect(Set(report.leftovers.map(\.name)) == Set(old))
        #expect(report.leftovers.allSatisfy { $0.size == 5 })
        #expect(folder.names(in: "tmp") == ["fresh"])
        #expect(folder.names(in: "partial") == ["running"])
    }

    @Test func aDryRunChangesNothing() async throws {
        let old = try await oldBlob("old")
        try folder.folder.write("1", to: "store/tmp/crashed")
        try folder.age("\(folder.path)/tmp/crashed", seconds: 2 * day)
        let report = try await store.gc(settling: .zero, dryRun: true)
        #expect(report.setAside.map(\.name) == [old.sha256])
        #expect(report.leftovers.map(\.name) == ["tmp/crashed"])
        #expect(folder.names(in: "tmp") == ["crashed"])
        #expect(FileManager.default.fileExists(atPath: folder.blobPath(old)))
    }

    @Test func pinsThatCannotBeReadStopIt() async throws {
        _ = try await oldBlob("old")
        try folder.folder.write("", to: "store/pins/not-a-directory")
        await #expect(throws: BlobStoreError.self) { try await store.gc(settling: .zero) }
        #expect(folder.names(in: "trash").isEmpty)
    }

    /// The hardest terms: no grace, no settling time, the same few blobs over and over.
    @Test func neverTakesWhatAWriterHasPinned() async throws {
        let store = store
        try await withThrowingTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    for round in 0..<60 {
                        let publication = "writer-\(writer)-\(round)"
                        let bytes = Array("blob \(round % 3)")
                        let blob = try await store.put(bytes, for: publication)
                        for _ in 0..<3 {
                            #expect(try await store.read(blob, bytesMax: 100) == bytes)
                        }
                        try store.release(publication: publication)
                    }
                    return true
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    while !Task.isCancelled {
                        _ = try await store.gc(olderThan: .zero, settling: .zero)
                    }
                    return false
                }
            }
            var writers = 4
            while writers > 0, let isWriter = try await group.next() {
                writers -= isWriter ? 1 : 0
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
