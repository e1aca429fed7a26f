// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Compression
import Events
import Signatures

extension Lineage {
    /// The image in the store: present, of the right length and, when `recomputing`, with the
    /// digests that the event claims, for the file and for what it holds compressed: the document
    /// describes the latter, so nobody's word is taken for it. That it was made of the fetched
    /// bytes, which need not be in the store any more, is the modifier's word.
    ///
    /// - Throws: ``LineageBreach``, ``OutOfTime``, `BlobStoreError` or `CompressionError` when it
    ///   cannot be read now.
    func checkImage(
        in store: BlobStore, recomputing: Bool, before deadline: ContinuousClock.Instant
    ) async throws {
        do {
            _ = try store.path(of: modified.blob)
            guard recomputing else { return }
            let found = try await unsafe store.contents(
                of: modified.blob,
                format: CompressionFormat(rawValue: modified.compression.rawValue),
                uncompressedBytesMax: modified.uncompressed.size,
                goesOn: { guard ContinuousClock.now < deadline else { throw OutOfTime() } })
            try check(found)
        } catch let error as BlobStoreError where !error.isTransient && !error.isFatal {
            throw LineageBreach("image-damaged", "the stored image: \(error)")
        } catch let error as CompressionError where !error.isTransient {
            throw LineageBreach("image-damaged", "the stored image: \(error)")
        }
    }

    private func check(_ found: BlobStore.Contents) throws(LineageBreach) {
        try same(
            "image-damaged", "the stored image's SHA-256", found.file.sha256, "its name",
            modified.blob.sha256)
        try same("image-digest", "the stored image", found.file, modified.digests)
        guard let image = found.uncompressed else { return }
        try same(
            "uncompressed-size", "the uncompressed image's size", "\(image.size)",
            "the claimed one", "\(modified.uncompressed.size)")
        try same(
            "uncompressed-digest", "the uncompressed image", image, modified.uncompressed.digests)
    }

    private func same(
        _ rule: String, _ name: String, _ found: FourDigests, _ expected: Digests
    ) throws(LineageBreach) {
        let digests = Fetched.Content(found).digests
        for algorithm in DigestAlgorithm.allCases {
            try same(
                rule, "\(name)'s \(algorithm.displayName)", digests[algorithm],
                "the claimed one", expected[algorithm])
        }
    }
}
