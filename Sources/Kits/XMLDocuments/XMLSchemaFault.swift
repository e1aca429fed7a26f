// SPDX-License-Identifier: Apache-2.0
internal import CXML2

/// Something in a document that a schema does not allow.
public struct XMLSchemaFault: Sendable, Hashable {
    /// The raw values are stable names, for scripts.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// An element where none or another is expected, or a missing one.
        case element
        /// Text between elements.
        case text
        /// An attribute that is not declared.
        case attribute
        /// A required attribute that is missing.
        case missingAttribute = "missing-attribute"
        /// A text or an attribute's value that is not of its type.
        case value
        case other
    }

    public let kind: Kind
    /// The element's name as written.
    public let element: String
    /// 1-based line of the document.
    public let line: Int
    /// libxml2's words. Names in them have their namespace in braces before them.
    public let reason: String

    init(kind: Kind, element: String, line: Int, reason: String) {
        self.kind = kind
        self.element = element
        self.line = line
        self.reason = reason
    }

    init(_ error: xmlError) {
        kind = Self.kind(error.code)
        line = Int(error.line)
        let node = error.node?.assumingMemoryBound(to: xmlNode.self)
        element = Self.name(of: node)
        let message = error.message.map { String(cString: $0) } ?? "not valid"
        // "Element 'NAME'[, attribute 'NAME']: [facet 'NAME'] REASON\n"; the brackets around the
        // facet are part of it.
        let start = message.firstRange(of: "': ")?.upperBound ?? message.startIndex
        var text = message[start...].prefix { $0 != "\n" }
        if text.hasPrefix("[facet "), let end = text.firstRange(of: "] ") {
            text = text[end.upperBound...]
        }
        reason = String(text.prefix(400))
    }

    private static func kind(_ code: CInt) -> Kind {
        switch UInt32(bitPattern: code) {
        case XML_SCHEMAV_ELEMENT_CONTENT.rawValue, XML_SCHEMAV_CVC_COMPLEX_TYPE_2_4.rawValue,
            XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1.rawValue, XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2.rawValue,
            XML_SCHEMAV_CVC_TYPE_3_1_2.rawValue, XML_SCHEMAV_CVC_ELT_1.rawValue:
            .element
        case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3.rawValue: .text
        case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1.rawValue,
            XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2.rawValue, XML_SCHEMAV_CVC_TYPE_3_1_1.rawValue:
            .attribute
        case XML_SCHEMAV_CVC_COMPLEX_TYPE_4.rawValue: .missingAttribute
        case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1.rawValue,
            XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3.rawValue, XML_SCHEMAV_CVC_PATTERN_VALID.rawValue,
            XML_SCHEMAV_CVC_ENUMERATION_VALID.rawValue,
            XML_SCHEMAV_CVC_MININCLUSIVE_VALID.rawValue,
            XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID.rawValue, XML_SCHEMAV_CVC_FACET_VALID.rawValue:
            .value
        default: .other
        }
    }

    /// The element, or the one that an attribute belongs to.
    private static func name(of node: UnsafeMutablePointer<xmlNode>?) -> String {
        guard let node else { return "" }
        let isElement = node.pointee.type == XML_ELEMENT_NODE
        guard let element = isElement ? node : node.pointee.parent else { return "" }
        let name = XMLElement.string(element.pointee.name)
        let prefix = XMLElement.string(element.pointee.ns?.pointee.prefix)
        return prefix.isEmpty ? name : "\(prefix):\(name)"
    }
}
