// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import TestSupport
import Testing

@Suite struct StoreLayoutTests {
    @Test func opensWhatItCreated() async throws {
        let folder = try StoreFolder()
        let blob = try await folder.store.put([1, 2], for: StoreFolder.publication)
        let again = try BlobStore(directory: folder.path + "/")
        #expect(try await again.read(blob, bytesMax: 2) == [1, 2])
    }

    @Test func directoriesAboveAreCreatedAndLinksResolved() throws {
        let folder = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: folder.path)
        let store = try BlobStore(directory: folder.file("link/a/b"))
        #expect(store.directory.hasSuffix("/a/b"))
        #expect(!store.directory.contains("/link/"))
    }

    @Test func manyMayOpenAFreshOneAtOnce() async throws {
        let folder = try TemporaryDirectory()
        try await withThrowingTaskGroup { group in
            for number in 0..<16 {
                group.addTask {
                    let store = try BlobStore(directory: folder.file("store"))
                    return try await store.put([7, 7], for: "publication-\(number)")
                }
            }
            for try await blob in group { #expect(blob.size == 2) }
        }
    }

    @Test func foreignDirectoriesAreLeftAlone() throws {
        let folder = try TemporaryDirectory()
        try folder.write("mine", to: "home/letter.txt")
        let error = #expect(throws: BlobStoreError.self) {
            try BlobStore(directory: folder.file("home"))
        }
        #expect(error?.isFatal == true)
        #expect("\(error as Any)".contains("letter.txt"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.file("home"))
                == ["letter.txt"])
    }

    @Test func anotherVersionIsRefused() throws {
        let folder = try TemporaryDirectory()
        try folder.write("imprimatur store 2\n", to: "layout")
        #expect(throws: BlobStoreError.self) { try BlobStore(directory: folder.path) }
    }

    @Test func aLinkInPlaceOfADirectoryIsRefused() throws {
        let folder = try StoreFolder()
        try FileManager.default.removeItem(atPath: folder.path + "/trash")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/trash", withDestinationPath: "/tmp")
        #expect(throws: BlobStoreError.self) { try BlobStore(directory: folder.path) }
    }

    @Test(arguments: ["", "relative/path", "/proc/nowhere/store", "/dev/null"])
    func uselessPathsAreErrors(path: String) {
        #expect(throws: BlobStoreError.self) { try BlobStore(directory: path) }
    }
}
