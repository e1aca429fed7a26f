// SPDX-License-Identifier: Apache-2.0
internal import CXML2

/// One piece of what stands inside an element.
public enum XMLContent {
    case element(XMLElement)
    /// Text or a CDATA section.
    case text(String)
    case comment
    /// A processing instruction; without a document type there is nothing else.
    case instruction
}

/// An attribute; namespace declarations are none.
public struct XMLAttribute: Sendable, Hashable {
    public let name: String
    /// The namespace's URI; empty when there is none.
    public let namespace: String
    /// As written, with its prefix.
    public let qualifiedName: String
    public let value: String
}

extension XMLElement {
    /// Everything inside the element, in document order.
    public var content: [XMLContent] {
        var found: [XMLContent] = []
        var next = raw.pointee.children
        while let node = next {
            switch node.pointee.type {
            case XML_ELEMENT_NODE: found.append(.element(XMLElement(document: document, raw: node)))
            case XML_TEXT_NODE, XML_CDATA_SECTION_NODE:
                found.append(.text(XMLElement.string(node.pointee.content)))
            case XML_COMMENT_NODE: found.append(.comment)
            default: found.append(.instruction)
            }
            next = node.pointee.next
        }
        return found
    }

    /// The attributes, in document order.
    public var attributes: [XMLAttribute] {
        var found: [XMLAttribute] = []
        var next = raw.pointee.properties
        while let node = next {
            let name = XMLElement.string(node.pointee.name)
            let prefix = XMLElement.string(node.pointee.ns?.pointee.prefix)
            let namespace = XMLElement.string(node.pointee.ns?.pointee.href)
            found.append(
                XMLAttribute(
                    name: name, namespace: namespace,
                    qualifiedName: prefix.isEmpty ? name : "\(prefix):\(name)",
                    value: value(of: node)))
            next = node.pointee.next
        }
        return found
    }

    private func value(of attribute: xmlAttrPtr) -> String {
        guard let value = xmlNodeListGetString(document.raw, attribute.pointee.children, 1) else {
            return ""
        }
        defer { XMLLibrary.free(value) }
        return XMLElement.string(value)
    }

    /// True when the element holds elements, and besides them white space and comments alone.
    public var hasOnlyElements: Bool {
        content.allSatisfy { piece in
            switch piece {
            case .element, .comment: true
            case .text(let text): text.unicodeScalars.allSatisfy(XMLText.isSpace)
            case .instruction: false
            }
        }
    }

    /// True when the element holds nothing but text, so that no two readers see different texts.
    public var hasOnlyText: Bool {
        content.allSatisfy { if case .text = $0 { true } else { false } }
    }

    /// True when a comment or a processing instruction stands between two pieces of text, so that
    /// a reader who looks at the first piece alone sees another text.
    public var hasDividedText: Bool {
        var isText = false
        var isDivided = false
        for piece in content {
            switch piece {
            case .text: if isDivided { return true } else { isText = true }
            case .comment, .instruction: isDivided = isText
            case .element: continue
            }
        }
        return false
    }
}
