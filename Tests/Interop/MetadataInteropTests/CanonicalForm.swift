// SPDX-License-Identifier: Apache-2.0
import CXML2
import Foundation

/// What a signed document says, independent of how it is written: the judge of the mutation run.
///
/// Two documents with the same form are one document to whoever verifies the signature: `covered`
/// is the Canonical XML 1.0 (without comments, as a Reference with an empty URI has it) of all but
/// the Signature, `signedInfo` the canonical form, comments included, of the SignedInfo, which the
/// signature value covers, and `certificate` the DER of the certificate inside. Computed with
/// libxml2 alone, not with what is under test.
struct CanonicalForm: Hashable {
    let covered: [UInt8]
    let signedInfo: [UInt8]
    let certificate: [UInt8]

    private static let dsig = "http://www.w3.org/2000/09/xmldsig#"

    /// Nil when it is not XML, or has not exactly one Signature that is a child of the root.
    init?(_ bytes: [UInt8]) {
        let options =
            XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue
            | XML_PARSE_NOWARNING.rawValue
        let parsed = bytes.withUnsafeBytes { buffer in
            xmlReadMemory(
                buffer.bindMemory(to: CChar.self).baseAddress, CInt(buffer.count), nil, nil,
                CInt(options))
        }
        guard let document = parsed else { return nil }
        defer { xmlFreeDoc(document) }
        guard let root = xmlDocGetRootElement(document) else { return nil }
        let signatures = Self.children(of: root).filter { Self.isNamed("Signature", $0) }
        guard signatures.count == 1, let signature = signatures.first,
            let info = Self.child("SignedInfo", of: signature),
            let keyInfo = Self.child("KeyInfo", of: signature),
            let data = Self.child("X509Data", of: keyInfo),
            let holder = Self.child("X509Certificate", of: data),
            let text = xmlNodeGetContent(holder)
        else { return nil }
        defer { cxml2_free(text) }
        let base64 = String(cString: text).filter { !$0.isWhitespace }
        guard let certificate = Data(base64Encoded: base64) else { return nil }
        self.certificate = [UInt8](certificate)
        guard let signedInfo = Self.canonical(document, below: info) else { return nil }
        self.signedInfo = signedInfo
        xmlUnlinkNode(signature)
        defer { xmlFreeNode(signature) }
        guard let covered = Self.canonical(document) else { return nil }
        self.covered = covered
    }

    private static func children(of node: xmlNodePtr) -> [xmlNodePtr] {
        var found: [xmlNodePtr] = []
        var next = node.pointee.children
        while let child = next {
            if child.pointee.type == XML_ELEMENT_NODE { found.append(child) }
            next = child.pointee.next
        }
        return found
    }

    private static func isNamed(_ name: String, _ node: xmlNodePtr) -> Bool {
        xmlStrEqual(node.pointee.name, name) == 1
            && xmlStrEqual(node.pointee.ns?.pointee.href ?? nil, dsig) == 1
    }

    private static func child(_ name: String, of node: xmlNodePtr) -> xmlNodePtr? {
        children(of: node).first { isNamed(name, $0) }
    }

    /// The whole document without comments.
    private static func canonical(_ document: xmlDocPtr) -> [UInt8]? {
        var text: UnsafeMutablePointer<xmlChar>?
        let length = xmlC14NDocDumpMemory(
            document, nil, CInt(XML_C14N_1_0.rawValue), nil, 0, &text)
        guard let text else { return nil }
        defer { cxml2_free(text) }
        guard length >= 0 else { return nil }
        return Array(UnsafeBufferPointer(start: text, count: Int(length)))
    }

    /// One element with all inside it, comments too.
    private static func canonical(_ document: xmlDocPtr, below top: xmlNodePtr) -> [UInt8]? {
        guard let buffer = xmlAllocOutputBuffer(nil) else { return nil }
        defer { xmlOutputBufferClose(buffer) }
        let isVisible: xmlC14NIsVisibleCallback = { top, node, parent in
            // A namespace node has no parent of its own: libxml2 says whose it is.
            let isNamespace = node.map { $0.pointee.type == XML_NAMESPACE_DECL } ?? false
            var next = isNamespace ? parent : node
            while let node = next {
                if UnsafeMutableRawPointer(node) == top { return 1 }
                next = node.pointee.parent
            }
            return 0
        }
        let status = xmlC14NExecute(
            document, isVisible, top, CInt(XML_C14N_1_0.rawValue), nil, 1, buffer)
        guard status >= 0, let content = xmlOutputBufferGetContent(buffer) else { return nil }
        return Array(
            UnsafeBufferPointer(start: content, count: Int(xmlOutputBufferGetSize(buffer))))
    }
}
