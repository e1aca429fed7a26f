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
        let file = DigestPool()
        let image = DigestPool()
        let decompressor = try makeDecompressor(into: image)
        do {
            try await unsafe store.stream(fetched.blob) { piece in
                guard ContinuousClock.now < deadline else { throw OutOfTime() }
                unsafe file.update(piece)
                try unsafe decompressor?.update(piece)
            }
            try decompressor?.finish()
        } catch let error as CompressionError where !error.isTransient {
            throw Refusal(
                "compression-invalid", "the image cannot be decompressed: \(error)",
                ["compression": fetched.compression.rawValue])
        }
        let claimed = Fetched.Content(size: fetched.blob.size, digests: fetched.digests)
        try compare(claimed, with: file.finish(), "blob")
        guard decompressor != nil else { return }
        try compare(fetched.uncompressed, with: image.finish(), "uncompressed")
    }

    private func makeDecompressor(into pool: DigestPool) throws -> Decompressor? {
        guard let format = CompressionFormat(rawValue: fetched.compression.rawValue) else {
            return nil
        }
        // The fetcher has enforced its own limits; here its result is the limit.
        let limits = Decompressor.Limits(
            outputBytesMax: fetched.uncompressed.size, ratioMax: Int.max)
        return try unsafe Decompressor(format, limits: limits) { unsafe pool.update($0) }
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
