// SPDX-License-Identifier: Apache-2.0
public import Events
internal import Signatures
internal import XMLDocuments

/// A StratusLab metadata document (RDF/XML): its bytes, and what they say.
///
/// A value, safe to share. Reading accepts any document whose structure is recognisable; whether
/// it keeps all rules is ``verdict(allowsSHA1Digest:)``.
public struct MetadataDocument: Sendable, Hashable {
    /// The document as it was read or written. A signature holds for these bytes.
    public let bytes: [UInt8]
    public let fields: MetadataFields
    /// True when there is a signature, good or bad.
    public let isSigned: Bool
    /// Broken rules, other than those of the signature.
    let findings: [MetadataFinding]

    /// The longest document, in bytes; about a hundred times a usual one.
    public static let bytesMax = 1 << 18

    /// Reads a document that may be hostile.
    ///
    /// - Throws: ``StratusLabError/malformed(_:)``, ``StratusLabError/notMetadata(element:reason:)``.
    public init(parsing bytes: [UInt8]) throws(StratusLabError) {
        let tree = try Self.tree(bytes)
        let reader = try MetadataReader(tree)
        self.init(bytes: bytes, reader: reader)
    }

    private init(bytes: [UInt8], reader: MetadataReader) {
        self.bytes = bytes
        fields = reader.fields
        isSigned = reader.isSigned
        findings = reader.findings
    }

    /// Writes an unsigned document. The same fields give the same bytes.
    ///
    /// - Throws: ``StratusLabError/missingField(_:)`` or
    ///   ``StratusLabError/invalidField(_:reason:)``, naming the element.
    public static func build(_ fields: MetadataFields) throws(StratusLabError) -> MetadataDocument {
        try MetadataDocument(parsing: try MetadataWriter.bytes(of: fields))
    }

    /// The image's identifier, 27 characters.
    public var identifier: String { fields.identifier }

    /// True when dcterms:valid lies before `time`. A document without that date never expires.
    public func isExpired(at time: Timestamp) -> Bool {
        fields.valid.map { $0 < time } ?? false
    }

    /// The bytes as a tree, within the limits of metadata.
    static func tree(_ bytes: [UInt8]) throws(StratusLabError) -> XMLDocument {
        var limits = XMLLimits.document
        limits.bytesMax = bytesMax
        limits.allowsInstructions = false
        do {
            return try XMLDocument.parse(bytes, limits: limits)
        } catch {
            throw .malformed(error)
        }
    }
}
