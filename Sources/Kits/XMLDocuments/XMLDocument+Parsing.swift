// SPDX-License-Identifier: Apache-2.0
internal import CXML2

extension XMLDocument {
    /// Reads a document that may be hostile: no document type declaration, hence no entities and
    /// nothing fetched; bounded in bytes, depth, nodes and attributes while it is read.
    ///
    /// The encoding must be UTF-8 and the version 1.0. Other encodings are refused because two
    /// readers may decode them differently, XML 1.1 because it knows other line ends.
    public static func parse(
        _ bytes: [UInt8], limits: XMLLimits = .document
    ) throws(XMLDocumentsError) -> XMLDocument {
        guard bytes.count <= limits.bytesMax, let length = CInt(exactly: bytes.count) else {
            throw .tooLarge(bytes: bytes.count, limit: limits.bytesMax)
        }
        try XMLEncoding.check(bytes)
        XMLLibrary.start()
        guard let context = xmlNewParserCtxt() else { throw .outOfMemory }
        defer { xmlFreeParserCtxt(context) }
        var state = ParseState(limits: limits)
        let document = withUnsafeMutablePointer(to: &state) { state in
            context.pointee._private = UnsafeMutableRawPointer(state)
            defer { context.pointee._private = nil }
            ParseState.install(in: context)
            // XML_PARSE_NONET only: no entity substitution, no DTD loading, no "huge" mode.
            // XML_PARSE_OLD10: names as XML 1.0 had them before its fifth edition, which Java's
            // parsers do not know.
            let options =
                XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue
                | XML_PARSE_NOWARNING.rawValue | XML_PARSE_NOCDATA.rawValue
                | XML_PARSE_OLD10.rawValue
            return bytes.withUnsafeBytes {
                xmlCtxtReadMemory(
                    context, $0.bindMemory(to: CChar.self).baseAddress, length, nil, nil,
                    CInt(options))
            }
        }
        if let refusal = state.refusal {
            if let document { xmlFreeDoc(document) }
            throw refusal
        }
        guard let document else { throw failure(of: context) }
        guard context.pointee.nsWellFormed == 1 else {
            xmlFreeDoc(document)
            throw failure(of: context)
        }
        return XMLDocument(adopting: document)
    }

    private static func failure(of context: xmlParserCtxtPtr) -> XMLDocumentsError {
        guard let error = xmlCtxtGetLastError(context) else {
            return .notWellFormed(line: 1, reason: "empty document")
        }
        let message = error.pointee.message.map { String(cString: $0) } ?? "unknown error"
        let line = message.prefix { $0 != "\n" }
        return .notWellFormed(line: Int(error.pointee.line), reason: String(line.prefix(200)))
    }
}

/// What is counted while a document is parsed. The parser's `_private` points to it for the time
/// of one synchronous call.
private struct ParseState {
    let limits: XMLLimits
    var nodes = 0
    var refusal: XMLDocumentsError?

    init(limits: XMLLimits) {
        self.limits = limits
    }

    /// Puts the checks before libxml2's own SAX2 handlers, which build the tree.
    static func install(in context: xmlParserCtxtPtr) {
        guard let handlers = context.pointee.sax else { return }
        handlers.pointee.internalSubset = { context, _, _, _ in
            ParseState.refuse(context, .documentType)
        }
        handlers.pointee.startElementNs = {
            context, name, prefix, uri, namespaceCount, namespaces, count, defaulted, attributes in
            let all = Int(namespaceCount) + Int(count)
            guard ParseState.admit(context, attributes: all) else { return }
            for index in 0..<Int(namespaceCount)
            where !ParseState.isAbsolute(namespaces?[2 * index + 1]) {
                return ParseState.refuse(context, .relativeNamespace)
            }
            xmlSAX2StartElementNs(
                context, name, prefix, uri, namespaceCount, namespaces, count, defaulted,
                attributes)
        }
        handlers.pointee.characters = { context, text, length in
            guard ParseState.admit(context, attributes: nil) else { return }
            xmlSAX2Characters(context, text, length)
        }
        handlers.pointee.ignorableWhitespace = handlers.pointee.characters
        handlers.pointee.comment = { context, text in
            guard ParseState.admit(context, attributes: nil) else { return }
            xmlSAX2Comment(context, text)
        }
        handlers.pointee.processingInstruction = { context, target, data in
            guard ParseState.admitInstruction(context) else { return }
            xmlSAX2ProcessingInstruction(context, target, data)
        }
    }

    /// Counts a node; false when the parser was stopped.
    ///
    /// - Parameter attributes: how many an element has; nil for other nodes.
    private static func admit(_ context: UnsafeMutableRawPointer?, attributes: Int?) -> Bool {
        guard let parser = context?.assumingMemoryBound(to: xmlParserCtxt.self),
            let state = parser.pointee._private?.assumingMemoryBound(to: ParseState.self)
        else { return false }
        guard state.pointee.refusal == nil else { return false }
        let limits = state.pointee.limits
        state.pointee.nodes += 1 + (attributes ?? 0)
        if state.pointee.nodes > limits.nodesMax {
            refuse(context, .tooManyNodes(limit: limits.nodesMax))
        } else if let attributes, attributes > limits.attributesMax {
            refuse(context, .tooManyAttributes(limit: limits.attributesMax))
        } else if attributes != nil, Int(parser.pointee.nodeNr) >= limits.depthMax {
            refuse(context, .tooDeep(limit: limits.depthMax))
        }
        return state.pointee.refusal == nil
    }

    private static func admitInstruction(_ context: UnsafeMutableRawPointer?) -> Bool {
        guard admit(context, attributes: nil),
            let parser = context?.assumingMemoryBound(to: xmlParserCtxt.self),
            let state = parser.pointee._private?.assumingMemoryBound(to: ParseState.self)
        else { return false }
        if state.pointee.limits.allowsInstructions { return true }
        let line = parser.pointee.input.map { Int($0.pointee.line) } ?? 1
        refuse(context, .processingInstruction(line: line))
        return false
    }

    /// As libxml2's canonicaliser judges it (xmlC14NHasRelNamespaces): a scheme, and a host but
    /// for `urn` and `dav`. No URI at all takes a declaration back.
    private static func isAbsolute(_ name: UnsafePointer<xmlChar>?) -> Bool {
        guard let name, name.pointee != 0 else { return true }
        let text = UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self)
        guard let uri = xmlParseURI(text) else { return false }
        defer { xmlFreeURI(uri) }
        guard let scheme = uri.pointee.scheme else { return false }
        let hasHost = uri.pointee.server.map { $0.pointee != 0 } ?? false
        return hasHost || ["urn", "dav"].contains(String(cString: scheme).lowercased())
    }

    private static func refuse(_ context: UnsafeMutableRawPointer?, _ error: XMLDocumentsError) {
        guard let parser = context?.assumingMemoryBound(to: xmlParserCtxt.self),
            let state = parser.pointee._private?.assumingMemoryBound(to: ParseState.self)
        else { return }
        if state.pointee.refusal == nil { state.pointee.refusal = error }
        xmlStopParser(parser)
    }
}
