// SPDX-License-Identifier: Apache-2.0
public import Events

/// What a metadata document says about an image, as values. Texts that are absent are empty.
public struct MetadataFields: Sendable, Hashable {
    /// dcterms:identifier, 27 characters.
    public var identifier = ""
    /// slreq:bytes: the uncompressed size.
    public var bytes: Int?
    /// slreq:checksum of the uncompressed bytes: lower-case hexadecimal of full length.
    public var checksums: [DigestAlgorithm: String] = [:]
    /// nil until the document is signed.
    public var endorsement: MetadataEndorsement?
    /// dcterms:type
    public var type = "base"
    /// slterms:kind
    public var kind = ""
    /// slterms:os
    public var os = ""
    /// slterms:os-version
    public var osVersion = ""
    /// slterms:os-arch
    public var osArch = ""
    /// slterms:version of the image
    public var version = ""
    /// slterms:serial-number
    public var serialNumber: String?
    /// slterms:deprecated: why the image should not be used any more.
    public var deprecated: String?
    /// dcterms:compression: empty or `none`, `gz`, `bz2`, `xz`, `zstd`
    public var compression = ""
    /// slterms:location
    public var locations: [String] = []
    /// dcterms:format
    public var format = ""
    /// dcterms:creator
    public var creator = ""
    /// dcterms:created of the image's description
    public var created: Timestamp?
    /// dcterms:valid: the last moment the document is good for.
    public var valid: Timestamp?
    /// dcterms:title
    public var title = ""
    /// dcterms:alternative, the marketplace's tag
    public var tag = ""
    /// dcterms:description
    public var description = ""
    /// slterms:hypervisor
    public var hypervisor = ""
    /// slterms:disks-bus
    public var disksBus = ""
    /// dcterms:publisher
    public var publisher = ""

    public init() {}

    /// `<os>-<os version>-<arch>-<type>-<version>.xml`, as `stratus-build-metadata` names it;
    /// characters that a file name cannot have are `_`.
    public var filename: String {
        let name = [os, osVersion, osArch, type, version].joined(separator: "-") + ".xml"
        let scalars = name.unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar == "/" || scalar.value < 0x20 || scalar.value == 0x7F ? "_" : scalar
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
