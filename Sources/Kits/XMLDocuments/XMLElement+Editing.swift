// SPDX-License-Identifier: Apache-2.0
internal import CXML2

extension XMLElement {
    /// Adds a child element after the others.
    ///
    /// - Parameters:
    ///   - namespace: declared on this element or above; a default namespace (empty prefix) that
    ///     is not in scope is declared on the new element.
    ///   - text: its content; escaped when written.
    @discardableResult
    public func append(
        _ name: String, in namespace: XMLNamespace, text: String = ""
    ) throws(XMLDocumentsError) -> XMLElement {
        try XMLText.checkName(name)
        guard let node = xmlNewDocNode(document.raw, nil, name, nil) else { throw .outOfMemory }
        guard xmlAddChild(raw, node) != nil else {
            xmlFreeNode(node)
            throw .outOfMemory
        }
        let element = XMLElement(document: document, raw: node)
        try element.enter(namespace)
        if !text.isEmpty { try element.append(text: text) }
        return element
    }

    /// Adds text after the other content.
    public func append(text: String) throws(XMLDocumentsError) {
        try XMLText.check(text, field: qualifiedName)
        guard let length = CInt(exactly: text.utf8.count) else {
            throw .tooLarge(bytes: text.utf8.count, limit: Int(CInt.max))
        }
        guard let node = xmlNewDocTextLen(document.raw, text, length) else { throw .outOfMemory }
        // Adjacent text is merged: libxml2 frees the node it was given.
        guard xmlAddChild(raw, node) != nil else {
            xmlFreeNode(node)
            throw .outOfMemory
        }
    }

    /// Sets an attribute.
    ///
    /// - Parameter namespace: nil for an attribute without a prefix.
    public func setAttribute(
        _ name: String, in namespace: XMLNamespace? = nil, to value: String
    ) throws(XMLDocumentsError) {
        try XMLText.checkName(name)
        try XMLText.check(value, field: "attribute \(name)")
        guard let namespace else {
            guard xmlSetProp(raw, name, value) != nil else { throw .outOfMemory }
            return
        }
        guard let scope = xmlSearchNsByHref(document.raw, raw, namespace.uri) else {
            throw .invalidName(namespace.prefix)
        }
        guard xmlSetNsProp(raw, scope, name, value) != nil else { throw .outOfMemory }
    }

    /// Takes the element out of its document. It stays readable.
    public func remove() {
        document.detach(raw)
    }

    /// Takes out everything inside the element.
    public func removeContent() {
        while let child = raw.pointee.children { document.detach(child) }
    }

    /// Puts white space between the elements below this one, four columns per level, so that the
    /// document reads well. For elements that hold elements alone; part of what a signature
    /// covers, so it is done before signing.
    ///
    /// - Parameter level: how deep this element lies; the root is 0.
    public func indent(level: Int) throws(XMLDocumentsError) {
        let children = children
        guard !children.isEmpty else { return }
        for child in children {
            try child.insertBefore("\n" + String(repeating: " ", count: 4 * (level + 1)))
            try child.indent(level: level + 1)
        }
        try append(text: "\n" + String(repeating: " ", count: 4 * level))
    }

    private func insertBefore(_ text: String) throws(XMLDocumentsError) {
        guard let node = xmlNewDocText(document.raw, text) else { throw .outOfMemory }
        guard xmlAddPrevSibling(raw, node) != nil else {
            xmlFreeNode(node)
            throw .outOfMemory
        }
    }

    private func enter(_ namespace: XMLNamespace) throws(XMLDocumentsError) {
        if let scope = xmlSearchNsByHref(document.raw, raw, namespace.uri) {
            xmlSetNs(raw, scope)
        } else if namespace.prefix.isEmpty, let own = xmlNewNs(raw, namespace.uri, nil) {
            xmlSetNs(raw, own)
        } else {
            throw .invalidName(namespace.prefix)
        }
    }

    /// The name as written, with its prefix.
    public var qualifiedName: String {
        let prefix = XMLElement.string(raw.pointee.ns?.pointee.prefix)
        return prefix.isEmpty ? name : "\(prefix):\(name)"
    }
}
