// SPDX-License-Identifier: Apache-2.0

/// What an endorser asks for: the section `request` of `image.new`, and, as YAML, the request file
/// of `imprimatur publish`.
public struct ImageRequest: Section {
    public static let key = "request"

    /// The image's name in lists and events: 1 to 128 of `A-Z a-z 0-9 . _ + -`, first a letter or
    /// digit. A new request under a listed name replaces that entry.
    public var name: String
    public var source: Source
    /// Digests of the file as it is downloaded, by algorithm, in hexadecimal.
    public var digests: [String: String]?
    /// Checksum files to fetch beside the image.
    public var checksumFiles: [ChecksumFile]?
    /// Weak algorithms (`md5`, `sha1`) the endorser accepts as the only evidence, by name.
    public var acceptWeakDigests: [DigestAlgorithm]?
    /// Whether only a checksum file counts that somebody signed whom the verifier trusts.
    public var requireSignature: Bool?
    /// Changes to make, in this order, before the image is scanned; at most 64.
    public var modifications: [Modification]?
    /// Checks that may find something, each with the reason; at most 32.
    public var waivers: [Waiver]?
    public var metadata: Description

    public init(
        name: String, source: Source, digests: [String: String]? = nil,
        checksumFiles: [ChecksumFile]? = nil, acceptWeakDigests: [DigestAlgorithm]? = nil,
        requireSignature: Bool? = nil,
        modifications: [Modification]? = nil, waivers: [Waiver]? = nil, metadata: Description
    ) {
        self.name = name
        self.source = source
        self.digests = digests
        self.checksumFiles = checksumFiles
        self.acceptWeakDigests = acceptWeakDigests
        self.requireSignature = requireSignature
        self.modifications = modifications
        self.waivers = waivers
        self.metadata = metadata
    }

    /// Where the image is.
    public struct Source: Codable, Sendable, Hashable {
        /// http, https, ftp or file; at most 2048 bytes; no credentials inside.
        public var url: String
        /// Disk format of the uncompressed image.
        public var format: Format
        /// How the file is compressed; recognised from its bytes when absent.
        public var compression: CompressionKind?

        public init(url: String, format: Format, compression: CompressionKind? = nil) {
            self.url = url
            self.format = format
            self.compression = compression
        }
    }

    public enum Format: String, Codable, Sendable, Hashable, CaseIterable {
        case raw, qcow2
    }

    /// A file such as `MD5SUMS` that lists digests. It may be clearsigned.
    public struct ChecksumFile: Codable, Sendable, Hashable {
        public var url: String
        /// URL of a detached signature of the file: OpenPGP, armoured or not, or minisign.
        public var signature: String?
        /// The image's name inside the file; the last path component of the source by default.
        public var entry: String?
        /// For files that hold digests only by length-ambiguous or unnamed lines.
        public var algorithm: DigestAlgorithm?

        public init(
            url: String, signature: String? = nil, entry: String? = nil,
            algorithm: DigestAlgorithm? = nil
        ) {
            self.url = url
            self.signature = signature
            self.entry = entry
            self.algorithm = algorithm
        }
    }

    /// The descriptive fields of the StratusLab document (those of `stratus-build-metadata`).
    public struct Description: Codable, Sendable, Hashable {
        /// dcterms:title
        public var title: String?
        /// dcterms:description
        public var description: String?
        /// slterms:os, such as `cirros`
        public var os: String
        /// slterms:os-version
        public var osVersion: String
        /// slterms:os-arch, such as `x86_64`
        public var osArch: String
        /// slterms:version of the image
        public var version: String?
        /// dcterms:type
        public var type: ImageType?
        /// slterms:kind
        public var kind: String?
        /// dcterms:alternative, the marketplace's tag
        public var tag: String?
        /// dcterms:creator
        public var creator: String?
        /// dcterms:publisher; `StratusLab` by default
        public var publisher: String?
        /// slterms:serial-number
        public var serialNumber: String?
        /// slterms:hypervisor
        public var hypervisor: String?
        /// slterms:disks-bus; `ide` by default
        public var disksBus: String?
        /// slterms:location; the source's URL by default
        public var locations: [String]?
        /// How long the document is valid, 1 to 3650 days; 178 by default.
        public var validDays: Int?

        public init(
            title: String? = nil, description: String? = nil, os: String, osVersion: String,
            osArch: String, version: String? = nil, type: ImageType? = nil, kind: String? = nil,
            tag: String? = nil, creator: String? = nil, publisher: String? = nil,
            serialNumber: String? = nil, hypervisor: String? = nil, disksBus: String? = nil,
            locations: [String]? = nil, validDays: Int? = nil
        ) {
            self.title = title
            self.description = description
            self.os = os
            self.osVersion = osVersion
            self.osArch = osArch
            self.version = version
            self.type = type
            self.kind = kind
            self.tag = tag
            self.creator = creator
            self.publisher = publisher
            self.serialNumber = serialNumber
            self.hypervisor = hypervisor
            self.disksBus = disksBus
            self.locations = locations
            self.validDays = validDays
        }
    }

    public enum ImageType: String, Codable, Sendable, Hashable, CaseIterable {
        case base, grid, machine, disk
    }
}

/// How a file is compressed, by the names the field uses.
public enum CompressionKind: String, Codable, Sendable, Hashable, CaseIterable {
    case none, gz, bz2, xz, zstd
}
