// SPDX-License-Identifier: Apache-2.0
internal import Compression
public import Events
public import Signatures

/// A stored image that is not what an event says of it.
public struct StoredBytesDiffer: Error, Sendable, Hashable, CustomStringConvertible {
    /// Path of the event's field, such as `fetched.blob`.
    public var field: String
    public var expected: Fetched.Content
    public var found: Fetched.Content

    public var description: String {
        "the stored bytes are not those of the event: \(field) says \(expected.size) bytes with"
            + " SHA-256 \(expected.digests.sha256), found \(found.size) with"
            + " \(found.digests.sha256)"
    }

    /// For a rejection.
    public var evidence: [String: String] {
        ["field": field, "expected": expected.digests.sha256, "found": found.digests.sha256]
    }
}

extension BlobStore {
    /// Reads an image's blob once and holds it against what a section says: length and all digests,
    /// of its uncompressed form too.
    ///
    /// - Parameters:
    ///   - sink: gets each piece of the uncompressed form, in order, when the blob is compressed.
    ///   - goesOn: called before each piece, on a thread of the store's; what it throws ends the
    ///     reading and is thrown on.
    /// - Throws: ``StoredBytesDiffer``, ``BlobStoreError`` and `CompressionError` too.
    public func check(
        _ image: some ImageSection,
        uncompressed sink: @escaping @Sendable (UnsafeRawBufferPointer) -> Void = { _ in },
        goesOn: @escaping @Sendable () throws -> Void
    ) async throws {
        // What the section says is also the limit.
        let found = try await unsafe contents(
            of: image.blob, format: CompressionFormat(rawValue: image.compression.rawValue),
            uncompressedBytesMax: image.uncompressed.size, uncompressed: sink, goesOn: goesOn)
        let file = Fetched.Content(size: image.blob.size, digests: image.digests)
        try Self.compare(file, with: found.file, image, "blob")
        if let uncompressed = found.uncompressed {
            try Self.compare(image.uncompressed, with: uncompressed, image, "uncompressed")
        }
    }

    private static func compare<Image: ImageSection>(
        _ expected: Fetched.Content, with digests: FourDigests, _ image: Image, _ field: String
    ) throws(StoredBytesDiffer) {
        let found = Fetched.Content(digests)
        guard expected != found else { return }
        throw StoredBytesDiffer(
            field: "\(Image.key).\(field)", expected: expected, found: found)
    }
}

extension Fetched.Content {
    /// Length and digests of bytes that were read.
    public init(_ digests: FourDigests) {
        self.init(
            size: digests.size,
            digests: Digests(
                md5: digests.md5, sha1: digests.sha1, sha256: digests.sha256,
                sha512: digests.sha512))
    }
}
