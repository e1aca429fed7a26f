// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import TestSupport
import Testing

/// Making a finished download a blob.
@Suite struct AdoptionTests {
    private let folder: StoreFolder
    private var store: BlobStore { folder.store }
    private let publication = StoreFolder.publication
    private let abc = BlobReference(
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", size: 3)

    init() throws { folder = try StoreFolder() }

    private func partial(_ text: String, key: String = "download-1") throws -> String {
        let path = store.partialPath(key)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func theFileBecomesTheBlob() async throws {
        let path = try partial("abc")
        try await store.adopt(partial: path, as: abc, for: publication)
        #expect(try await store.read(abc, bytesMax: 3) == Array("abc"))
        #expect(try folder.mode(folder.blobPath(abc)) == 0o444)
        #expect(folder.names(in: "partial").isEmpty)
        #expect(folder.names(in: "pins/\(publication)") == [abc.sha256])
        // A redelivered event does it again, with nothing left to move.
        try await store.adopt(partial: path, as: abc, for: publication)
    }

    @Test func whatIsThereAlreadyIsKept() async throws {
        _ = try await store.put(Array("abc"), for: "other")
        try await store.adopt(partial: try partial("abc"), as: abc, for: publication)
        #expect(folder.names(in: "partial").isEmpty)
        #expect(folder.names(in: "pins/\(publication)") == [abc.sha256])
    }

    @Test func aBlobOfWrongLengthIsReplaced() async throws {
        _ = try await store.put(Array("abc"), for: "other")
        try folder.overwrite(abc, with: [])
        try await store.adopt(partial: try partial("abc"), as: abc, for: publication)
        #expect(try await store.read(abc, bytesMax: 3) == Array("abc"))
    }

    @Test func aFileOfWrongLengthIsRefusedAndStays() async throws {
        let path = try partial("abcd")
        await #expect(
            throws: BlobStoreError.wrongSize(sha256: abc.sha256, expected: 3, found: 4)
        ) { try await store.adopt(partial: path, as: abc, for: publication) }
        #expect(folder.names(in: "partial") == ["download-1"])
        #expect(throws: BlobStoreError.missing(sha256: abc.sha256)) { try store.path(of: abc) }
    }

    @Test func onlyRegularFilesFromItsOwnPlaceAreAdopted() async throws {
        let outside = try folder.folder.write("abc", to: "outside")
        let link = store.partialPath("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: outside)
        let directory = store.partialPath("directory")
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false)
        for path in [
            outside, "\(folder.path)/partial/../layout", "\(folder.path)/layout", "", link,
            directory, "\(folder.path)/partial/",
        ] {
            await #expect(throws: BlobStoreError.self, "\(path)") {
                try await store.adopt(partial: path, as: abc, for: publication)
            }
        }
        #expect(FileManager.default.fileExists(atPath: outside))
        #expect(throws: BlobStoreError.missing(sha256: abc.sha256)) { try store.path(of: abc) }
    }

    @Test(arguments: [
        ("a-b-1", "a-b-1"), ("../../etc/passwd", "------etc-passwd"), ("", "-"), ("..", "--"),
        (String(repeating: "x", count: 200), String(repeating: "x", count: 64)), ("A.b\0", "--b-"),
    ])
    func keysAreMadeSafe(key: String, name: String) {
        #expect(store.partialPath(key) == "\(folder.path)/partial/\(name)")
    }
}
