// SPDX-License-Identifier: Apache-2.0

/// What the metadata stage adds: the section `metadata`.
public struct BuiltMetadata: Section {
    public static let key = "metadata"

    /// The unsigned StratusLab document.
    public var document: BlobReference
    /// The image's StratusLab identifier, 27 characters.
    public var identifier: String
    /// `<os>-<os version>-<arch>-<type>-<version>.xml`, as `stratus-build-metadata` names it.
    public var filename: String

    public init(document: BlobReference, identifier: String, filename: String) {
        self.document = document
        self.identifier = identifier
        self.filename = filename
    }
}
