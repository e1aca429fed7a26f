// SPDX-License-Identifier: Apache-2.0
import BlobStore
public import Compression
import Events
import FoundationEssentials
public import Pipeline
import Signatures
import Threads

/// The image's bytes in the store, held against what the fetcher said about them.
struct StoredImage {
    var fetched: Fetched
    var store: BlobStore
    var structure: ImageStructure

    /// Looks at the image's structure, without computing digests where it is not compressed.
    ///
    /// - Throws: ``Refusal``, ``OutOfTime``, `BlobStoreError`, `ImageFileError`.
    func checkStructure(deadline: ContinuousClock.Instant) async throws {
        guard fetched.compression == .none else { return try await check(deadline: deadline) }
        let path = try store.path(of: fetched.blob)
        try await OwnThread.run { [structure] () throws in try structure.check(path: path) }
    }

    /// Reads the blob once, computes all digests, of the uncompressed image too, and looks at its
    /// structure.
    ///
    /// - Throws: ``Refusal``, ``OutOfTime``, `BlobStoreError`, `ImageFileError`.
    func check(deadline: ContinuousClock.Instant) async throws {
        let spool = ImageSpool(path: store.partialPath("probe-" + UUID().uuidString.lowercased()))
        let found: BlobStore.Contents
        do {
            // The fetcher has enforced its own limits; here its result is the limit.
            found = try await unsafe store.contents(
                of: fetched.blob,
                format: CompressionFormat(rawValue: fetched.compression.rawValue),
                uncompressedBytesMax: fetched.uncompressed.size,
                uncompressed: { unsafe spool.take($0) }
            ) {
                guard ContinuousClock.now < deadline else { throw OutOfTime() }
            }
        } catch let error as CompressionError where !error.isTransient {
            throw Refusal(
                "compression-invalid", "the image cannot be decompressed: \(error)",
                ["compression": fetched.compression.rawValue])
        }
        let claimed = Fetched.Content(size: fetched.blob.size, digests: fetched.digests)
        try compare(claimed, with: found.file, "blob")
        guard let uncompressed = found.uncompressed else {
            return try await checkStructure(deadline: deadline)
        }
        try compare(fetched.uncompressed, with: uncompressed, "uncompressed")
        try await OwnThread.run { [structure] () throws in try structure.check(spool) }
    }

    private func compare(
        _ claimed: Fetched.Content, with found: FourDigests, _ field: String
    ) throws(Refusal) {
        let digests = Digests(
            md5: found.md5, sha1: found.sha1, sha256: found.sha256, sha512: found.sha512)
        guard claimed.size != found.size || claimed.digests != digests else { return }
        throw Refusal(
            "stored-bytes-differ",
            "the stored bytes are not those that were fetched: fetched.\(field) says"
                + " \(claimed.size) bytes with SHA-256 \(claimed.digests.sha256),"
                + " found \(found.size) with \(found.sha256)",
            [
                "field": "fetched.\(field)", "expected": claimed.digests.sha256,
                "found": found.sha256,
            ])
    }
}

/// The image could not be read within the event's time. Trying again may find a faster disk.
struct OutOfTime: Error, Disposed, CustomStringConvertible {
    var disposition: Disposition { .transient }
    var description: String { "the image could not be verified before the deadline" }
}

extension CompressionError: Disposed {
    public var disposition: Disposition { isTransient ? .transient : .permanent }
}
