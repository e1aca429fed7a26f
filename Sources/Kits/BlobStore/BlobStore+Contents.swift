// SPDX-License-Identifier: Apache-2.0
public import Compression
public import Events
public import Signatures

extension BlobStore {
    /// What is in a stored file, as computed from its bytes.
    public struct Contents: Sendable, Hashable {
        public var file: FourDigests
        /// Of what the file holds compressed; nil for one that is not compressed.
        public var uncompressed: FourDigests?
    }

    /// Reads a blob once and computes its digests and those of its uncompressed form. That the
    /// blob bears its own name is for the caller to see.
    ///
    /// - Parameters:
    ///   - format: how it is compressed; nil when it is not.
    ///   - bytesMax: the largest uncompressed form.
    ///   - sink: gets each piece of the uncompressed form, in order, when it is compressed.
    ///   - goesOn: called before each piece, on a thread of the store's; what it throws ends the
    ///     reading and is thrown on.
    /// - Throws: ``BlobStoreError`` and `CompressionError` too.
    public func contents(
        of blob: BlobReference, format: CompressionFormat?, uncompressedBytesMax bytesMax: Int,
        uncompressed sink: @escaping @Sendable (UnsafeRawBufferPointer) -> Void = { _ in },
        goesOn: @escaping @Sendable () throws -> Void = {}
    ) async throws -> Contents {
        let (file, image) = (DigestPool(), DigestPool())
        let limits = Decompressor.Limits(outputBytesMax: bytesMax, ratioMax: Int.max)
        let decompressor = try format.map { format in
            try unsafe Decompressor(format, limits: limits) { piece in
                unsafe image.update(piece)
                unsafe sink(piece)
            }
        }
        try await unsafe stream(blob) { piece in
            try goesOn()
            unsafe file.update(piece)
            try unsafe decompressor?.update(piece)
        }
        try decompressor?.finish()
        return Contents(
            file: file.finish(), uncompressed: decompressor.map { _ in image.finish() })
    }
}
