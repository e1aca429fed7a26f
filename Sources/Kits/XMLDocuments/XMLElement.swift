// SPDX-License-Identifier: Apache-2.0
package import CXML2

/// One element of a document; a reference, which keeps the document alive.
public struct XMLElement {
    public let document: XMLDocument
    let raw: xmlNodePtr

    /// The name without its prefix.
    public var name: String { XMLElement.string(raw.pointee.name) }

    /// The namespace's URI; empty when there is none.
    public var namespace: String { XMLElement.string(raw.pointee.ns?.pointee.href) }

    public func isNamed(_ name: String, in namespace: XMLNamespace) -> Bool {
        // No Strings are made: this is asked for every element on the way to one.
        xmlStrEqual(raw.pointee.name, name) == 1
            && xmlStrEqual(raw.pointee.ns?.pointee.href ?? nil, namespace.uri) == 1
    }

    /// 1-based line in the text it was parsed from; 0 when it was built.
    public var line: Int { Int(xmlGetLineNo(raw)) }

    public var parent: XMLElement? {
        guard let parent = raw.pointee.parent, parent.pointee.type == XML_ELEMENT_NODE else {
            return nil
        }
        return XMLElement(document: document, raw: parent)
    }

    /// Child elements in document order.
    public var children: [XMLElement] {
        var found: [XMLElement] = []
        var next = raw.pointee.children
        while let node = next {
            if node.pointee.type == XML_ELEMENT_NODE {
                found.append(XMLElement(document: document, raw: node))
            }
            next = node.pointee.next
        }
        return found
    }

    public func children(_ name: String, in namespace: XMLNamespace) -> [XMLElement] {
        children.filter { $0.isNamed(name, in: namespace) }
    }

    /// This element and all elements below it, in document order.
    public var subtree: [XMLElement] {
        var found: [XMLElement] = []
        var open = [self]
        while let element = open.popLast() {
            found.append(element)
            open.append(contentsOf: element.children.reversed())
        }
        return found
    }

    /// The element's own text: all its text and CDATA pieces joined, comments between them left
    /// out (a reader that stops at a comment can be shown another value than the signed one).
    public var text: String {
        var text = ""
        var next = raw.pointee.children
        while let node = next {
            let type = node.pointee.type
            if type == XML_TEXT_NODE || type == XML_CDATA_SECTION_NODE {
                text += XMLElement.string(node.pointee.content)
            }
            next = node.pointee.next
        }
        return text
    }

    /// The value of an attribute; nil when it is absent.
    ///
    /// - Parameter namespace: nil for an attribute without a prefix.
    public func attribute(_ name: String, in namespace: XMLNamespace? = nil) -> String? {
        let value = namespace.map { xmlGetNsProp(raw, name, $0.uri) } ?? xmlGetNoNsProp(raw, name)
        guard let value else { return nil }
        defer { XMLLibrary.free(value) }
        return XMLElement.string(value)
    }

    /// For the kits that hand the node to another C library. The pointer must not outlive `body`.
    package func withNode<R, E: Error>(_ body: (xmlNodePtr) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(document) {} }
        return try body(raw)
    }

    static func string(_ text: UnsafePointer<xmlChar>?) -> String {
        text.map { String(cString: $0) } ?? ""
    }

    static func string(_ text: UnsafeMutablePointer<xmlChar>?) -> String {
        text.map { String(cString: $0) } ?? ""
    }
}
