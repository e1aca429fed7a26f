// SPDX-License-Identifier: Apache-2.0
internal import XMLDocuments

/// The schema of metadata documents (`schemas/xsd`): which elements, texts and attributes may
/// stand where.
enum MetadataSchema {
    /// The part that describes the root.
    static let main = "metadata.xsd"

    /// Compiled once. Fails only when the texts in the program are damaged.
    private static let compiled = Result { () throws(XMLDocumentsError) in
        try XMLSchema(main: main, parts: MetadataSchemaText.parts)
    }

    /// A finding for each element that does not keep to the schema.
    static func findings(
        in document: XMLDocument
    ) throws(StratusLabError) -> [MetadataFinding] {
        do {
            return try compiled.get().faults(in: document).map(finding)
        } catch {
            throw .malformed(error)
        }
    }

    private static func finding(_ fault: XMLSchemaFault) -> MetadataFinding {
        MetadataFinding(
            .constraint, fault.element, readable(fault.reason),
            rule: "schema-\(fault.kind.rawValue)",
            line: fault.line)
    }

    /// Writes names with the prefixes that everybody knows.
    private static func readable(_ reason: String) -> String {
        let namespaces = [
            StratusLabNamespace.rdf, StratusLabNamespace.dcterms, StratusLabNamespace.slterms,
            StratusLabNamespace.slreq, .xml,
        ]
        return namespaces.reduce(reason) { text, namespace in
            text.replacing("{\(namespace.uri)}", with: namespace.prefix + ":")
        }
    }
}

extension MetadataDocument {
    /// The schema of documents: the files of `schemas/xsd`, texts by file name.
    public static var schema: [String: String] { MetadataSchemaText.parts }
}
