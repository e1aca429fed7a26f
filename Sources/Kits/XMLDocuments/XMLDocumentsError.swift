// SPDX-License-Identifier: Apache-2.0

/// Why XML cannot be read or written. All cases are final: the input is at fault.
public enum XMLDocumentsError: Error, Sendable, Hashable {
    /// More bytes than ``XMLLimits/bytesMax``.
    case tooLarge(bytes: Int, limit: Int)
    /// Not well-formed (or not UTF-8 where it says so). `line` is 1-based.
    case notWellFormed(line: Int, reason: String)
    /// Another encoding than UTF-8, or another version of XML than 1.0; `found` says which.
    case unsupportedEncoding(found: String)
    /// A processing instruction where ``XMLLimits/allowsInstructions`` is false.
    case processingInstruction(line: Int)
    /// A document type declaration: refused before anything in it is looked at.
    case documentType
    /// Elements nested deeper than ``XMLLimits/depthMax``.
    case tooDeep(limit: Int)
    /// More elements, attributes, comments and pieces of text than ``XMLLimits/nodesMax``.
    case tooManyNodes(limit: Int)
    /// An element with more attributes than ``XMLLimits/attributesMax``.
    case tooManyAttributes(limit: Int)
    /// A namespace that is no absolute URI with a host, nor a URN: it has no canonical form
    /// (Canonical XML 1.0, section 1.3), so the document could be neither signed nor verified.
    case relativeNamespace
    /// A character that XML 1.0 cannot hold (section 2.2), in the named element or attribute.
    case invalidCharacter(field: String, scalar: UInt32)
    /// Not the name of an XML element or attribute.
    case invalidName(String)
    /// The named part is no XML Schema, or imports one that is missing.
    case invalidSchema(String)
    /// libxml2 could not allocate memory.
    case outOfMemory
}

extension XMLDocumentsError {
    /// A stable name in lower-case letters and hyphens, for scripts.
    public var rule: String {
        switch self {
        case .tooLarge: "xml-size"
        case .notWellFormed: "xml-well-formed"
        case .unsupportedEncoding: "xml-encoding"
        case .processingInstruction: "xml-processing-instruction"
        case .documentType: "xml-document-type"
        case .tooDeep: "xml-depth"
        case .tooManyNodes: "xml-nodes"
        case .tooManyAttributes: "xml-attributes"
        case .relativeNamespace: "xml-namespace"
        case .invalidCharacter: "xml-character"
        case .invalidName: "xml-name"
        case .invalidSchema: "xml-schema"
        case .outOfMemory: "xml-memory"
        }
    }

    /// 1-based; nil when the error is about no one place.
    public var line: Int? {
        switch self {
        case .notWellFormed(let line, _), .processingInstruction(let line): line
        default: nil
        }
    }
}

extension XMLDocumentsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLarge(let bytes, let limit):
            "XML document of \(bytes) bytes exceeds the limit of \(limit) bytes"
        case .notWellFormed(let line, let reason): "not well-formed XML, line \(line): \(reason)"
        case .unsupportedEncoding(let found): "only XML 1.0 in UTF-8 is read, found \(found)"
        case .processingInstruction: "XML with a processing instruction is refused"
        case .documentType: "XML with a document type declaration is refused"
        case .tooDeep(let limit): "XML elements are nested deeper than \(limit)"
        case .tooManyNodes(let limit): "XML document has more than \(limit) nodes"
        case .tooManyAttributes(let limit):
            "an XML element has more than \(limit) attributes"
        case .relativeNamespace: "XML with a namespace that is no absolute URI is refused"
        case .invalidCharacter(let field, let scalar):
            "\(field) contains the character U+\(Self.hex(scalar)), which XML 1.0 cannot hold"
        case .invalidName(let name): "'\(name.prefix(64))' is not an XML name"
        case .invalidSchema(let name): "'\(name)' is not an XML Schema"
        case .outOfMemory: "out of memory while handling XML"
        }
    }

    private static func hex(_ scalar: UInt32) -> String {
        let digits = String(scalar, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
