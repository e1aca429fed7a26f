// SPDX-License-Identifier: Apache-2.0
import BlobStore
public import Compression
import Events
public import Pipeline
import Signatures

/// The image's bytes in the store, held against what the fetcher said about them.
struct StoredImage {
    var fetched: Fetched
    var store: BlobStore

    /// Reads the blob once and computes all digests, of the uncompressed image too.
    ///
    /// - Throws: ``Refusal``, ``OutOfTime``, `BlobStoreError`.
    func check(deadline: ContinuousClock.Instant) async throws {
        let found: BlobStore.Contents
        do {
            // The fetcher has enforced its own limits; here its result is the limit.
            found = try await store.contents(
                of: fetched.blob,
                format: CompressionFormat(rawValue: fetched.compression.rawValue),
                uncompressedBytesMax: fetched.uncompressed.size
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
        guard let uncompressed = found.uncompressed else { return }
        try compare(fetched.uncompressed, with: uncompressed, "uncompressed")
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
