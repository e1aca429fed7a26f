// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import TestSupport

/// A store in a fresh directory, and a look behind its back.
struct StoreFolder {
    static let publication = "11111111-2222-5333-8444-555555555555"

    let folder: TemporaryDirectory
    let store: BlobStore
    var path: String { folder.file("store") }

    init(inMemory: Bool = true) throws {
        folder = try TemporaryDirectory(inMemory: inMemory)
        store = try BlobStore(directory: folder.file("store"))
    }

    /// The names in one of the store's directories, sorted.
    func names(in name: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)")) ?? []).sorted()
    }

    func blobPath(_ blob: BlobReference) -> String {
        "\(path)/blobs/\(blob.sha256.prefix(2))/\(blob.sha256)"
    }

    /// Puts other bytes under a blob's name, as a failing disk would.
    func overwrite(_ blob: BlobReference, with bytes: [UInt8]) throws {
        try FileManager.default.removeItem(atPath: blobPath(blob))
        try Data(bytes).write(to: URL(fileURLWithPath: blobPath(blob)))
    }

    /// Makes a file in the store look as if it was last written so long ago.
    func age(_ path: String, seconds: TimeInterval) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: path)
    }

    func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}

extension Array where Element == UInt8 {
    init(_ text: String) { self = [UInt8](text.utf8) }
}
