// SPDX-License-Identifier: Apache-2.0

/// What the modifier adds: the section `modified`, the image as every later stage and every site
/// sees it.
public struct Modified: Section {
    public static let key = "modified"

    /// The blob it was made from; must equal the verified one.
    public var source: BlobReference
    /// The image's file; equal to ``source`` when nothing was asked for.
    public var blob: BlobReference
    /// Digests of that file.
    public var digests: Digests
    public var format: ImageRequest.Format
    public var compression: CompressionKind
    /// The image without its compression; equal to the file's when there is none.
    public var uncompressed: Fetched.Content
    /// What was done, in the order of the request; empty for an image passed on untouched.
    public var steps: [Step]
    /// The programs that did it; empty for an image passed on untouched.
    public var tools: [Tool]

    public init(
        source: BlobReference, blob: BlobReference, digests: Digests,
        format: ImageRequest.Format, compression: CompressionKind,
        uncompressed: Fetched.Content, steps: [Step] = [], tools: [Tool] = []
    ) {
        self.source = source
        self.blob = blob
        self.digests = digests
        self.format = format
        self.compression = compression
        self.uncompressed = uncompressed
        self.steps = steps
        self.tools = tools
    }

    /// The image of `fetched`, untouched.
    public init(untouched fetched: Fetched, format: ImageRequest.Format) {
        self.init(
            source: fetched.blob, blob: fetched.blob, digests: fetched.digests, format: format,
            compression: fetched.compression, uncompressed: fetched.uncompressed)
    }

    /// One modification that was applied.
    public struct Step: Codable, Sendable, Hashable {
        /// The modification's word in the request, such as `install`.
        public var operation: String
        /// SHA-256, lower-case hexadecimal, of the modification's canonical JSON.
        public var sha256: String

        public init(operation: String, sha256: String) {
            self.operation = operation
            self.sha256 = sha256
        }
    }
}

/// A program that worked on an image, for its lineage.
public struct Tool: Codable, Sendable, Hashable {
    public var name: String
    public var version: String

    public init(name: String, version: String) {
        self.name = name
        self.version = version
    }
}
