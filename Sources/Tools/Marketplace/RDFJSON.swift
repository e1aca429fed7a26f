// SPDX-License-Identifier: Apache-2.0
internal import XMLDocuments

/// A metadata document as RDF/JSON (https://www.w3.org/TR/rdf-json/), without its signature.
///
/// Knows the RDF/XML that metadata documents use: `rdf:about`, `rdf:parseType="Resource"`,
/// `rdf:resource`, `rdf:datatype`, `xml:lang` and text.
enum RDFJSON {
    private static let rdf = XMLNamespace(
        prefix: "rdf", uri: "http://www.w3.org/1999/02/22-rdf-syntax-ns#")
    private static let xml = XMLNamespace(
        prefix: "xml", uri: "http://www.w3.org/XML/1998/namespace")
    private static let base = "http://mp.stratuslab.eu/"

    struct Value: Encodable, Hashable {
        var value: String
        var type: String
        var lang: String?
        var datatype: String?
    }

    /// - Throws: what parsing throws; documents in the catalogue parsed when they were admitted.
    static func text(of document: [UInt8]) throws -> String {
        var graph = Graph()
        let root = try XMLDocument.parse(document).root
        for node in root.children("Description", in: rdf) {
            let about = node.attribute("about", in: rdf) ?? ""
            let subject = about.contains("://") ? about : base + about
            graph.add(node, as: subject)
        }
        return JSONText.encode(graph.subjects)
    }

    private struct Graph {
        var subjects: [String: [String: [Value]]] = [:]
        private var blankNodes = 0

        /// Depth is bounded by the parser's limit.
        mutating func add(_ node: XMLElement, as subject: String) {
            for property in node.children {
                let predicate = property.namespace + property.name
                let object = object(of: property)
                subjects[subject, default: [:]][predicate, default: []].append(object)
            }
        }

        private mutating func object(of property: XMLElement) -> Value {
            if property.attribute("parseType", in: RDFJSON.rdf) == "Resource" {
                let name = "_:b\(blankNodes)"
                blankNodes += 1
                add(property, as: name)
                return Value(value: name, type: "bnode")
            }
            if let resource = property.attribute("resource", in: RDFJSON.rdf) {
                return Value(value: resource, type: "uri")
            }
            return Value(
                value: property.text, type: "literal",
                lang: property.attribute("lang", in: RDFJSON.xml),
                datatype: property.attribute("datatype", in: RDFJSON.rdf))
        }
    }
}
