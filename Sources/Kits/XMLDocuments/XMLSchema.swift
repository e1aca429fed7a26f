// SPDX-License-Identifier: Apache-2.0
internal import CXML2
internal import Synchronization

/// A compiled XML Schema (https://www.w3.org/TR/xmlschema-1/), owned by this object.
///
/// Nothing is read from files or the network: all parts are given as texts. Safe to share between
/// tasks; one document is validated at a time.
public final class XMLSchema: @unchecked Sendable {
    // Sound: `raw` is used after `init` only inside the lock, and freed when nobody is left.
    private let raw: xmlSchemaPtr
    private let lock = Mutex(())

    /// Most faults of one validation.
    public static let faultsMax = 100

    /// - Parameters:
    ///   - main: name of the part to begin with.
    ///   - parts: texts by name, as `schemaLocation` of an import gives it.
    /// - Throws: ``XMLDocumentsError/invalidSchema(_:)``.
    public init(main: String, parts: [String: String]) throws(XMLDocumentsError) {
        XMLLibrary.start()
        XMLLibrary.silenceThread()
        let raw = XMLSchemaParts.withParts(parts) { address -> xmlSchemaPtr? in
            guard let context = xmlSchemaNewParserCtxt(address + main) else { return nil }
            defer { xmlSchemaFreeParserCtxt(context) }
            return xmlSchemaParse(context)
        }
        guard let raw else { throw .invalidSchema(main) }
        self.raw = raw
    }

    deinit { xmlSchemaFree(raw) }

    /// What in the document the schema does not allow; at most one fault for each element.
    public func faults(in document: XMLDocument) throws(XMLDocumentsError) -> [XMLSchemaFault] {
        XMLLibrary.silenceThread()
        var collected = Collected()
        let status = withUnsafeMutablePointer(to: &collected) { collected in
            lock.withLock { _ in validate(document, into: collected) }
        }
        guard status >= 0 else { throw .outOfMemory }
        // A status that says invalid without an error would be an oversight of ours.
        if status > 0, collected.faults.isEmpty {
            return [XMLSchemaFault(kind: .other, element: "", line: 1, reason: "not valid")]
        }
        return collected.faults
    }

    /// libxml2's status: 0 for a valid document, negative for a failure of its own.
    private func validate(
        _ document: XMLDocument, into collected: UnsafeMutablePointer<Collected>
    ) -> CInt {
        guard let context = xmlSchemaNewValidCtxt(raw) else { return -1 }
        defer { xmlSchemaFreeValidCtxt(context) }
        xmlSchemaSetValidStructuredErrors(
            context, { Collected.add($1, to: $0) }, UnsafeMutableRawPointer(collected))
        return xmlSchemaValidateDoc(context, document.raw)
    }
}

/// What libxml2 reports during one validation; its handler points to it for that time.
private struct Collected {
    var faults: [XMLSchemaFault] = []
    private var last: UnsafeMutableRawPointer?

    /// A value that fails a facet is reported twice for the same node; the first says more.
    static func add(_ error: xmlErrorPtr?, to context: UnsafeMutableRawPointer?) {
        guard let error, let context else { return }
        let collected = context.assumingMemoryBound(to: Collected.self)
        guard collected.pointee.faults.count < XMLSchema.faultsMax else { return }
        let node = error.pointee.node
        if node != nil, node == collected.pointee.last { return }
        collected.pointee.last = node
        collected.pointee.faults.append(XMLSchemaFault(error.pointee))
    }
}
