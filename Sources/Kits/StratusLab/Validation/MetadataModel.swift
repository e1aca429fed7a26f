// SPDX-License-Identifier: Apache-2.0
internal import XMLDocuments

/// Judges what the schema leaves open: elements of other vocabularies, which must be RDF/XML
/// (https://www.w3.org/TR/rdf-syntax-grammar/) about this image alone, and the texts of all values.
///
/// The reference has an RDF parser for this. What is refused although it accepts it: nodes with a
/// name of their own (rdf:about, rdf:ID), which could say something else about the image;
/// attributes that change what is around them (xml:base, xsi:type); several nodes or text beside a
/// node, which RDF/XML does not have.
struct MetadataModel {
    private(set) var findings: [MetadataFinding] = []
    private var places: Set<MetadataFinding.Place>

    private static let rdf = StratusLabNamespace.rdf
    private static let slreq = StratusLabNamespace.slreq
    private static let schemaInstance = XMLNamespace(
        prefix: "xsi", uri: "http://www.w3.org/2001/XMLSchema-instance")
    private static let schemaTypes = "http://www.w3.org/2001/XMLSchema#"

    /// RDF/XML section 7.2.2 to 7.2.4: names that are syntax, never properties or nodes.
    private static let syntax: Set = [
        "RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "aboutEach",
        "aboutEachPrefix", "bagID",
    ]

    /// - Parameter known: what was found before. Of one element one finding is enough, since the
    ///   others mostly follow from it.
    init(_ description: XMLElement, known: [MetadataFinding]) {
        places = Set(known.map(\.place))
        for element in [description.parent ?? description] + description.subtree {
            judgeInstance(element)
        }
        for child in description.children { judge(child) }
    }

    private mutating func note(_ rule: String, _ element: XMLElement, _ reason: String) {
        let finding = MetadataFinding(
            .constraint, element.qualifiedName, reason, rule: rule, line: element.line)
        if places.insert(finding.place).inserted { findings.append(finding) }
    }

    /// The schema is ours to choose, not the document's, nor which type a value has.
    private mutating func judgeInstance(_ element: XMLElement) {
        let attributes = element.attributes
        if let found = attributes.first(where: { $0.namespace == Self.schemaInstance.uri }) {
            note("schema-instance", element, "must not have \(found.qualifiedName)")
        }
    }

    /// A child of the description. The required ones are the schema's alone, but for their texts.
    private mutating func judge(_ element: XMLElement) {
        let required = ["bytes", "checksum", "endorsement"]
        if element.namespace == Self.slreq.uri, required.contains(element.name) {
            for part in element.subtree { judgeText(part) }
        } else {
            judgeProperty(element)
        }
    }

    /// One of RDF/XML's productions 7.2.15 to 7.2.21 that are about this image alone.
    private mutating func judgeProperty(_ element: XMLElement) {
        guard isName(element, notAlso: "Description") else { return }
        judgeAttributes(element, allowing: ["resource", "nodeID", "datatype", "parseType"])
        judgeText(element)
        let values = element.attributes.filter { !isLanguage($0) }
        let syntax = values.filter { $0.namespace == Self.rdf.uri }.map(\.name)
        if syntax.contains("parseType") {
            if values.count > 1 {
                note("model-attribute", element, "rdf:parseType must be its only attribute")
            }
            judgeProperties(of: element)
        } else if syntax.contains("datatype") {
            if values.count > 1 || !element.children.isEmpty {
                note("model-attribute", element, "rdf:datatype is for a text alone")
            }
            judgeLiteral(element)
        } else if !values.isEmpty {
            judgeEmpty(element)
            if syntax.contains("resource"), syntax.contains("nodeID") {
                note("model-attribute", element, "has two attributes that are each its value")
            }
        } else if let child = element.children.first {
            judgeNode(child, alone: element.children.count == 1 && element.hasOnlyElements)
        }
    }

    private mutating func judgeEmpty(_ element: XMLElement) {
        if !isBlank(element) || !element.children.isEmpty {
            note("model-content", element, "must be empty, since an attribute is its value")
        }
    }

    /// A text of a type, as `rdf:datatype` gives it.
    private mutating func judgeLiteral(_ element: XMLElement) {
        guard let type = element.attribute("datatype", in: Self.rdf) else { return }
        guard type.contains(":") else {
            return note("model-datatype", element, "rdf:datatype must be an absolute URI")
        }
        guard type.hasPrefix(Self.schemaTypes) else { return }
        let name = String(type.dropFirst(Self.schemaTypes.count))
        if !XMLSchemaType.accepts(element.text, as: name) {
            note("model-datatype", element, "is not a value of the type xsd:\(name.prefix(40))")
        }
    }

    private mutating func judgeNode(_ element: XMLElement, alone isAlone: Bool) {
        guard isAlone else {
            return note("model-content", element, "must be the only thing inside its property")
        }
        guard isName(element, notAlso: "li") else { return }
        judgeAttributes(element, allowing: ["nodeID"])
        judgeProperties(of: element)
    }

    private mutating func judgeProperties(of element: XMLElement) {
        guard element.hasOnlyElements else {
            return note("model-content", element, "must hold elements alone")
        }
        for child in element.children { judgeProperty(child) }
    }

    /// - Parameter other: a name of RDF's that is syntax here, too.
    private mutating func isName(_ element: XMLElement, notAlso other: String) -> Bool {
        if element.namespace.isEmpty {
            note("model-name", element, "has no namespace")
            return false
        }
        if element.namespace == Self.rdf.uri,
            Self.syntax.contains(element.name) || element.name == other
        {
            note("model-name", element, "must not stand here")
            return false
        }
        if element.namespace == Self.slreq.uri {
            note("model-required", element, "must stand in its place alone, and nowhere else")
            return false
        }
        return true
    }

    private mutating func judgeAttributes(_ element: XMLElement, allowing names: Set<String>) {
        for attribute in element.attributes {
            switch attribute.namespace {
            case "":
                note("model-attribute", element, "'\(attribute.name)' has no namespace")
            case Self.rdf.uri where !names.contains(attribute.name) && !isProperty(attribute.name),
                XMLNamespace.xml.uri where attribute.name != "lang", Self.slreq.uri:
                note("model-attribute", element, "must not have \(attribute.qualifiedName)")
            case Self.rdf.uri
            where attribute.name == "nodeID"
                && !XMLSchemaType.accepts(attribute.value, as: "NCName"):
                note("model-attribute", element, "rdf:nodeID must be a name")
            default:
                if let reason = MetadataText.fault(in: attribute.value) {
                    note("value-characters", element, "\(attribute.qualifiedName) \(reason)")
                }
            }
        }
    }

    /// Whether an attribute of RDF's own namespace is a property, such as rdf:type.
    private func isProperty(_ name: String) -> Bool {
        !Self.syntax.contains(name) && name != "li" && name != "Description"
    }

    private func isBlank(_ element: XMLElement) -> Bool {
        element.text.unicodeScalars.allSatisfy(XMLText.isSpace)
    }

    private func isLanguage(_ attribute: XMLAttribute) -> Bool {
        attribute.namespace == XMLNamespace.xml.uri && attribute.name == "lang"
    }

    /// A comment is covered by no signature, and a reader may stop at it: it must not stand within
    /// a text.
    private mutating func judgeText(_ element: XMLElement) {
        guard element.children.isEmpty else { return }
        if element.hasDividedText, !isBlank(element) {
            note("value-comment", element, "must not have a comment within its text")
        }
        if let reason = MetadataText.fault(in: element.text) {
            note("value-characters", element, reason)
        }
        if element.isNamed("location", in: StratusLabNamespace.slterms),
            LocationAddress(element.text).isEmpty
        {
            note("value-address", element, "'\(element.text.prefix(160))' leads nowhere")
        }
    }
}
