// SPDX-License-Identifier: Apache-2.0

/// What the fetcher adds: the section `fetched`.
public struct Fetched: Section {
    public static let key = "fetched"

    /// `time` of the `image.new` event: the source of every time in documents and lists.
    public var requestTime: Timestamp
    /// Where the bytes came from, after redirects; without the query of a redirect's target.
    public var url: String
    /// The file as downloaded.
    public var blob: BlobReference
    /// Digests of the file as downloaded.
    public var digests: Digests
    public var compression: CompressionKind
    /// The image without its compression; equal to the file's when there is none.
    public var uncompressed: Content
    public var checksumFiles: [FetchedFile]
    /// The files that modifications upload, in the order of the request; nil when there are none.
    public var files: [FetchedFile]?

    public init(
        requestTime: Timestamp, url: String, blob: BlobReference, digests: Digests,
        compression: CompressionKind, uncompressed: Content, checksumFiles: [FetchedFile],
        files: [FetchedFile]? = nil
    ) {
        self.requestTime = requestTime
        self.url = url
        self.blob = blob
        self.digests = digests
        self.compression = compression
        self.uncompressed = uncompressed
        self.checksumFiles = checksumFiles
        self.files = files
    }

    /// Length in bytes and digests of some bytes.
    public struct Content: Codable, Sendable, Hashable {
        public var size: Int
        public var digests: Digests

        public init(size: Int, digests: Digests) {
            self.size = size
            self.digests = digests
        }
    }

    /// A small file in the store: a checksum file, or one to upload into the image.
    public struct FetchedFile: Codable, Sendable, Hashable {
        /// As the request names it.
        public var url: String
        public var blob: BlobReference
        /// A checksum file's detached signature, where the request names one.
        public var signature: BlobReference?

        public init(url: String, blob: BlobReference, signature: BlobReference? = nil) {
            self.url = url
            self.blob = blob
            self.signature = signature
        }
    }
}
