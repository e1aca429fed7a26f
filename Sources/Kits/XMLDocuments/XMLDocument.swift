// SPDX-License-Identifier: Apache-2.0
internal import CXML2

/// An XML document in memory (libxml2's `xmlDoc`), owned by this object.
///
/// Not safe to share between tasks: libxml2 allows a document one thread at a time
/// (https://gnome.pages.gitlab.gnome.org/libxml2/html/threads.html), so the type is not Sendable.
/// ``XMLElement`` values keep their document alive.
public final class XMLDocument {
    let raw: xmlDocPtr
    /// Nodes taken out of the tree. They live as long as the document, since an ``XMLElement``
    /// may still refer to one.
    private var detached: [xmlNodePtr] = []

    /// A new document whose root element declares `namespaces`.
    ///
    /// - Parameters:
    ///   - root: local name of the root element.
    ///   - namespace: the root's namespace; one of `namespaces`.
    public init(
        root: String, in namespace: XMLNamespace, declaring namespaces: [XMLNamespace]
    ) throws(XMLDocumentsError) {
        XMLLibrary.start()
        guard let raw = xmlNewDoc("1.0") else { throw .outOfMemory }
        self.raw = raw
        try XMLText.checkName(root)
        guard let node = xmlNewDocNode(raw, nil, root, nil) else { throw .outOfMemory }
        _ = xmlDocSetRootElement(raw, node)
        for declared in namespaces {
            try XMLText.check(declared.uri, field: "namespace \(declared.prefix)")
            let prefix = declared.prefix
            if !prefix.isEmpty { try XMLText.checkName(prefix) }
            guard xmlNewNs(node, declared.uri, prefix.isEmpty ? nil : prefix) != nil else {
                throw .invalidName(prefix)
            }
        }
        guard let own = xmlSearchNsByHref(raw, node, namespace.uri) else {
            throw .invalidName(namespace.prefix)
        }
        xmlSetNs(node, own)
    }

    /// Takes ownership of a parsed tree.
    init(adopting raw: xmlDocPtr) {
        self.raw = raw
    }

    deinit {
        for node in detached { xmlFreeNode(node) }
        xmlFreeDoc(raw)
    }

    /// The root element.
    public var root: XMLElement {
        get throws(XMLDocumentsError) {
            guard let node = xmlDocGetRootElement(raw) else {
                throw .notWellFormed(line: 1, reason: "no root element")
            }
            return XMLElement(document: self, raw: node)
        }
    }

    /// The document in UTF-8 with an XML declaration. Equal trees give equal bytes.
    public func serialised() throws(XMLDocumentsError) -> [UInt8] {
        var text: UnsafeMutablePointer<xmlChar>?
        var length: CInt = 0
        xmlDocDumpMemoryEnc(raw, &text, &length, "UTF-8")
        guard let text else { throw .outOfMemory }
        defer { XMLLibrary.free(text) }
        return Array(UnsafeBufferPointer(start: text, count: Int(length)))
    }

    func detach(_ node: xmlNodePtr) {
        xmlUnlinkNode(node)
        detached.append(node)
    }
}
