// SPDX-License-Identifier: Apache-2.0
public import Events
internal import Files
internal import Signatures
internal import Threads

/// The artifact store: bytes named by their SHA-256, in a directory that workers of several
/// machines can share.
///
/// ```
/// <directory>/
///   layout                       "imprimatur store 1": what follows
///   blobs/<2 digits>/<sha256>    the bytes, mode 0444, never changed
///   pins/<publication>/<sha256>  empty: this publication needs the blob
///   records/<publication>/<name> a blob's digest and size, see ``record(_:as:for:)``
///   partial/<key>                resumable work, such as a download
///   tmp/<random>                 bytes being written
///   trash/<sha256>               on its way out, see ``gc(olderThan:settling:dryRun:)``
///   quarantine/<sha256>          found damaged by ``verify(quarantine:progress:)``
/// ```
///
/// Bytes are written under a temporary name, synchronised to disk, renamed into place, and the
/// directory is synchronised, before a call returns. A blob is either whole or absent at each
/// moment, also after a crash; of two writers of one blob either may win, since both have the same
/// bytes. A blob is pinned before its presence is looked up: that order is what makes it safe
/// against a concurrent collection.
///
/// Blocking file calls of the `async` functions run on threads of their own. The others touch a
/// few directory entries only.
public struct BlobStore: Sendable {
    /// Absolute, free of symbolic links.
    public let directory: String

    /// Opens a store, creating its layout in a directory that is empty or absent.
    ///
    /// - Throws: ``BlobStoreError/notAStore(directory:reason:)`` for a foreign or newer layout.
    public init(directory: String) throws(BlobStoreError) {
        self.directory = try StoreLayout.open(directory)
    }

    /// Stores a small document and pins it for a publication. Storing what is there already does
    /// no harm; a damaged copy of it is replaced.
    public func put(
        _ bytes: [UInt8], for publication: String
    ) async throws(BlobStoreError) -> BlobReference {
        try await OwnThread.run { () throws(BlobStoreError) -> BlobReference in
            let blob = BlobReference(
                sha256: Digest.hex(Digest.sha256(bytes)), size: bytes.count)
            try makePin(blob, for: publication)
            // Missing, damaged or unreadable: it is written anew, and writing tells what is wrong.
            if (try? readChecked(blob, bytesMax: blob.size)) == bytes {
                try keep(blob)
                return blob
            }
            let temporary = "\(directory)/tmp/\(StoreName.random())"
            try StoreFile.create(temporary, holding: bytes, mode: StoreLayout.blobMode)
            try moveIntoPlace(temporary, as: blob)
            return blob
        }
    }

    /// The bytes of a blob, its length and digest checked.
    ///
    /// - Parameter bytesMax: refuses larger blobs before reading.
    public func read(
        _ blob: BlobReference, bytesMax: Int
    ) async throws(BlobStoreError) -> [UInt8] {
        try await OwnThread.run { () throws(BlobStoreError) -> [UInt8] in
            try withBlob(blob) { _ throws(BlobStoreError) in
                try readChecked(blob, bytesMax: bytesMax)
            }
        }
    }

    /// Where a blob's bytes are, for programs that need a file. Presence and length are checked,
    /// the digest is not (``digests(of:)`` does that).
    ///
    /// A blob that a collection has set aside but not deleted yet is put back.
    public func path(of blob: BlobReference) throws(BlobStoreError) -> String {
        let path = try place(of: blob)
        var size = try StoreFile.size(path)
        if size == nil { size = try restored(blob) }
        guard let size else { throw .missing(sha256: blob.sha256) }
        guard size == blob.size else {
            throw .wrongSize(sha256: blob.sha256, expected: blob.size, found: size)
        }
        return path
    }

    /// A place on the store's file system for work that can be resumed, the same for the same key.
    ///
    /// - Parameter key: characters other than `a-z 0-9 -` become `-`; at most 64 count.
    public func partialPath(_ key: String) -> String {
        "\(directory)/partial/\(StoreName.sanitised(key))"
    }

    /// Makes a file from ``partialPath(_:)`` a blob, and pins it. The caller vouches for the
    /// digest. Repeating it after it has succeeded does no harm.
    ///
    /// - Throws: ``BlobStoreError/wrongSize(sha256:expected:found:)`` when the file has another
    ///   length; ``BlobStoreError/missing(sha256:)`` when neither file nor blob is there.
    public func adopt(
        partial path: String, as blob: BlobReference, for publication: String
    ) async throws(BlobStoreError) {
        try await OwnThread.run { () throws(BlobStoreError) -> Void in
            try makePin(blob, for: publication)
            try checkPartial(path)
            // Not there in this length: then the partial file has to be.
            if (try? self.path(of: blob)) != nil {
                try keep(blob)
                return try StoreFile.remove(path)
            }
            guard let size = try StoreFile.size(path) else {
                throw BlobStoreError.missing(sha256: blob.sha256)
            }
            guard size == blob.size else {
                throw BlobStoreError.wrongSize(
                    sha256: blob.sha256, expected: blob.size, found: size)
            }
            try StoreFile.seal(path, mode: StoreLayout.blobMode)
            try moveIntoPlace(path, as: blob)
        }
    }

    /// Keeps a blob that is in the store from being collected, for a publication's sake. Durable
    /// when it returns.
    public func pin(
        _ blob: BlobReference, for publication: String
    ) throws(BlobStoreError) {
        try makePin(blob, for: publication)
        _ = try path(of: blob)
        try keep(blob)
    }

    /// Drops all pins of a publication; harmless when there are none. A redelivered event of that
    /// publication pins anew.
    public func release(publication: String) throws(BlobStoreError) {
        try StoreName.check(publication)
        let folder = "\(directory)/pins/\(publication)"
        for name in try StoreFile.names(in: folder) { try StoreFile.remove("\(folder)/\(name)") }
        try StoreFile.removeDirectory(folder)
        try StoreFile.synchroniseDirectory("\(directory)/pins")
    }

    /// The publications that hold pins, sorted.
    public func publications() throws(BlobStoreError) -> [String] {
        try StoreFile.names(in: "\(directory)/pins").sorted()
    }
}

// MARK: - What the verbs share

extension BlobStore {
    /// The blob's path, whether it is there or not.
    func place(of blob: BlobReference) throws(BlobStoreError) -> String {
        guard blob.isWellFormed else { throw .malformedReference }
        return place(ofDigest: blob.sha256)
    }

    func place(ofDigest sha256: String) -> String {
        "\(directory)/blobs/\(sha256.prefix(2))/\(sha256)"
    }

    /// Lends a blob's path. Begins anew when a collection moves the blob away and back between
    /// looking it up and opening it.
    func withBlob<T>(
        _ blob: BlobReference, _ body: (String) throws(BlobStoreError) -> T
    ) throws(BlobStoreError) -> T {
        for _ in 1..<StoreLayout.attemptMax {
            do throws(BlobStoreError) {
                return try body(try path(of: blob))
            } catch {
                guard error.isAbsence else { throw error }
            }
        }
        return try body(try path(of: blob))
    }

    private func readChecked(
        _ blob: BlobReference, bytesMax: Int
    ) throws(BlobStoreError) -> [UInt8] {
        guard blob.size <= bytesMax else {
            throw .tooLarge(bytes: blob.size, bytesMax: bytesMax)
        }
        let bytes = try StoreFile.read(try place(of: blob), bytesMax: blob.size)
        guard bytes.count == blob.size else {
            throw .wrongSize(sha256: blob.sha256, expected: blob.size, found: bytes.count)
        }
        let found = Digest.hex(Digest.sha256(bytes))
        guard found == blob.sha256 else { throw .damaged(sha256: blob.sha256, found: found) }
        return bytes
    }

    private func makePin(
        _ blob: BlobReference, for publication: String
    ) throws(BlobStoreError) {
        guard blob.isWellFormed else { throw .malformedReference }
        try StoreName.check(publication)
        let folder = "\(directory)/pins/\(publication)"
        // `release` may remove the directory between the two steps.
        for _ in 1...StoreLayout.attemptMax {
            try StoreFile.makeDirectory(folder, mode: StoreLayout.folderMode)
            if try StoreFile.makeEmpty("\(folder)/\(blob.sha256)") { break }
        }
        try StoreFile.synchroniseDirectory(folder)
        try StoreFile.synchroniseDirectory("\(directory)/pins")
    }

    /// Makes the grace time of a blob that is in place begin anew. Its directory is synchronised
    /// too: the writer that renamed it may have died before it did that.
    private func keep(_ blob: BlobReference) throws(BlobStoreError) {
        let path = try place(of: blob)
        StoreFile.touch(path)
        try StoreFile.synchroniseDirectory(StoreName.parent(of: path))
    }

    /// Renames a synchronised file to the blob's name, replacing what a crash or a failing disk
    /// may have left there.
    private func moveIntoPlace(_ path: String, as blob: BlobReference) throws(BlobStoreError) {
        let target = try place(of: blob)
        try StoreFile.rename(path, to: target)
        try StoreFile.synchroniseDirectory(StoreName.parent(of: target))
    }

    /// Puts a blob back that a collection has set aside; its size, or nil when it is not there.
    private func restored(_ blob: BlobReference) throws(BlobStoreError) -> Int? {
        let target = try place(of: blob)
        if try StoreFile.renameIfPresent("\(directory)/trash/\(blob.sha256)", to: target) {
            StoreFile.touch(target)
            try StoreFile.synchroniseDirectory(StoreName.parent(of: target))
        }
        // Or else the collection itself may have put it back just now.
        return try StoreFile.size(target)
    }

    private func checkPartial(_ path: String) throws(BlobStoreError) {
        guard path == partialPath(StoreName.last(of: path)) else {
            throw .invalidName(path, reason: "not a path that partialPath gave")
        }
    }
}
