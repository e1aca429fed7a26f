// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Signatures
internal import XMLDocuments

/// Reads a document's tree into fields, and notes each rule that it breaks.
///
/// Three sets of rules, each rule in one of them: ``MetadataSchema`` says which elements, texts and
/// attributes may stand where; what is here counts and compares, as StratusLab's
/// `ValidateMetadataConstraints` does; ``MetadataModel`` judges what the schema leaves open.
struct MetadataReader {
    private(set) var fields = MetadataFields()
    private(set) var findings: [MetadataFinding]
    private(set) var isSigned = false
    private let schemaPlaces: Set<MetadataFinding.Place>
    private let description: XMLElement

    init(_ document: XMLDocument) throws(StratusLabError) {
        let root: XMLElement
        do {
            root = try document.root
        } catch {
            throw .malformed(error)
        }
        guard root.isNamed("RDF", in: StratusLabNamespace.rdf) else {
            throw .notMetadata(
                element: root.qualifiedName, reason: "the root element must be rdf:RDF")
        }
        let found = root.children("Description", in: StratusLabNamespace.rdf)
        guard found.count == 1, let only = found.first else {
            throw .notMetadata(
                element: "rdf:Description",
                reason: "exactly one is needed, as a child of rdf:RDF; found \(found.count)")
        }
        description = only
        isSigned = !root.children("Signature", in: XMLSignature.namespace).isEmpty
        findings = try MetadataSchema.findings(in: document)
        schemaPlaces = Set(findings.map(\.place))
        checkRoot(root)
        readIdentifier()
        readBytes()
        readChecksums()
        checkIdentity()
        readEndorsement()
        readTexts()
        readDates()
        findings += MetadataModel(description, known: findings).findings
    }

    private mutating func checkRoot(_ root: XMLElement) {
        if root.attribute("base", in: .xml) != StratusLabNamespace.base {
            note("xml-base", root, "must have xml:base=\"\(StratusLabNamespace.base)\"")
        }
    }

    private mutating func readIdentifier() {
        guard let (element, text) = one("identifier", in: StratusLabNamespace.dcterms) else {
            return
        }
        fields.identifier = text
        if StratusLabIdentifier(text) == nil {
            note(
                "identifier-form", element,
                "must be a SHA-1 in 27 characters A-Z a-z 0-9 - _, found '\(text.prefix(64))'")
        }
        let about = description.attribute("about", in: StratusLabNamespace.rdf) ?? ""
        if about != "#" + text {
            note(
                "identifier-about", description,
                "rdf:about '\(about.prefix(64))' is not '#' and the dcterms:identifier",
                kind: .consistency)
        }
    }

    private mutating func readBytes() {
        guard let (element, text) = one("bytes", in: StratusLabNamespace.slreq) else { return }
        fields.bytes = SchemaInteger.value(of: text)
        if fields.bytes == nil, SchemaInteger.isNonNegative(text) {
            note("bytes-range", element, "is more than any image has: '\(text.prefix(64))'")
        }
    }

    private mutating func readChecksums() {
        for element in description.children("checksum", in: StratusLabNamespace.slreq) {
            readChecksum(element)
        }
        if fields.checksums[.sha1] == nil, !hasDamagedChecksum {
            note(
                "checksum-sha1", description, "exactly one with the algorithm SHA-1 is needed",
                name: "slreq:checksum")
        }
    }

    /// Whether something was said about a checksum already.
    private var hasDamagedChecksum: Bool {
        findings.contains {
            ["slreq:checksum", "slreq:algorithm", "slreq:value"].contains($0.element)
        }
    }

    private mutating func readChecksum(_ element: XMLElement) {
        guard let (named, name) = one("algorithm", in: StratusLabNamespace.slreq, of: element),
            let (valued, value) = one("value", in: StratusLabNamespace.slreq, of: element)
        else { return }
        guard let algorithm = DigestAlgorithm.allCases.first(where: { $0.displayName == name })
        else {
            let reason = "'\(name.prefix(64))' is not MD5, SHA-1, SHA-256 or SHA-512"
            return note("checksum-algorithm", named, reason)
        }
        guard fields.checksums[algorithm] == nil else {
            let reason = "there is more than one with the algorithm \(name)"
            return note("checksum-repeated", element, reason)
        }
        guard let digest = Self.digest(value, digits: algorithm.hexDigits) else {
            let reason = "'\(value.prefix(160))' is not a digest of the algorithm \(name)"
            return note("checksum-value", valued, reason)
        }
        fields.checksums[algorithm] = digest
    }

    /// Digests are compared as integers: the field has them with leading zeros lost or added.
    private static func digest(_ text: String, digits: Int) -> String? {
        guard !text.isEmpty, text.utf8.count <= 256 else { return nil }
        let significant = text.lowercased().drop { $0 == "0" }
        guard significant.utf8.count <= digits else { return nil }
        let full = String(repeating: "0", count: digits - significant.utf8.count) + significant
        return Digests.isHex(full, digits: digits) ? full : nil
    }

    private mutating func checkIdentity() {
        guard let identifier = StratusLabIdentifier(fields.identifier),
            let sha1 = fields.checksums[.sha1], identifier.sha1 != sha1
        else { return }
        note(
            "identifier-checksum", description,
            "stands for the SHA-1 \(identifier.sha1), the slreq:checksum is \(sha1)",
            name: "dcterms:identifier", kind: .consistency)
    }

    private mutating func readEndorsement() {
        guard
            let (endorsement, _) = one("endorsement", in: StratusLabNamespace.slreq, simple: false),
            !endorsement.children.isEmpty,
            let (endorser, _) = one(
                "endorser", in: StratusLabNamespace.slreq, of: endorsement, simple: false)
        else { return }
        let created = one("created", in: StratusLabNamespace.dcterms, of: endorsement)
        let email = one("email", in: StratusLabNamespace.slreq, of: endorser)
        let subject = one("subject", in: StratusLabNamespace.slreq, of: endorser)
        guard let issuer = endorser.children("issuer", in: StratusLabNamespace.slreq).first else {
            return note("element-count", endorser, "at least one is needed", name: "slreq:issuer")
        }
        if let created, created.text.isEmpty {
            note("endorsement-created", created.element, "must be a date, it is empty")
        }
        guard let created = created.flatMap({ date($0.text, $0.element) }), let email, let subject
        else { return }
        fields.endorsement = MetadataEndorsement(
            created: created,
            endorser: SignedMetadata.Endorser(
                email: email.text, subject: subject.text, issuer: simple(issuer)))
    }

    private mutating func readTexts() {
        let dcterms = StratusLabNamespace.dcterms
        let slterms = StratusLabNamespace.slterms
        fields.type = one("type", in: dcterms)?.text ?? ""
        fields.kind = first("kind", in: slterms)
        fields.os = atMostOne("os", in: slterms)?.text ?? ""
        fields.osVersion = atMostOne("os-version", in: slterms)?.text ?? ""
        fields.osArch = atMostOne("os-arch", in: slterms)?.text ?? ""
        fields.version = atMostOne("version", in: slterms)?.text ?? ""
        fields.serialNumber = atMostOne("serial-number", in: slterms)?.text
        fields.deprecated = atMostOne("deprecated", in: slterms)?.text
        fields.compression = first("compression", in: dcterms)
        fields.locations = description.children("location", in: slterms).map { simple($0) }
        fields.format = first("format", in: dcterms)
        fields.creator = first("creator", in: dcterms)
        fields.title = first("title", in: dcterms)
        fields.tag = first("alternative", in: dcterms)
        fields.description = first("description", in: dcterms)
        fields.hypervisor = first("hypervisor", in: slterms)
        fields.disksBus = first("disks-bus", in: slterms)
        fields.publisher = first("publisher", in: dcterms)
    }

    private mutating func readDates() {
        let created = atMostOne("created", in: StratusLabNamespace.dcterms)
        fields.created = created.flatMap { date($0.text, $0.element) }
        let valid = atMostOne("valid", in: StratusLabNamespace.dcterms)
        fields.valid = valid.flatMap { date($0.text, $0.element) }
    }
}

// What several elements have in common.
extension MetadataReader {
    typealias Value = (element: XMLElement, text: String)

    /// - Parameter name: the element to be named when it is not there to be pointed at.
    mutating func note(
        _ rule: String, _ element: XMLElement, _ reason: String, name: String? = nil,
        kind: MetadataFinding.Kind = .constraint
    ) {
        let finding = MetadataFinding(
            kind, name ?? element.qualifiedName, reason, rule: rule, line: element.line)
        // What the schema has against an element says enough about it.
        if !schemaPlaces.contains(finding.place) { findings.append(finding) }
    }

    /// A date as StratusLab's `PatternUtils.DATE` has it; nil, without a finding, when empty.
    private mutating func date(_ text: String, _ element: XMLElement) -> Timestamp? {
        if text.isEmpty { return nil }
        guard let time = Timestamp(text), time.description.utf8.elementsEqual(text.utf8) else {
            note("date-form", element, "'\(text.prefix(64))' is not a date yyyy-MM-ddTHH:mm:ssZ")
            return nil
        }
        return time
    }

    /// The text of an element that must not have elements inside.
    private mutating func simple(_ element: XMLElement) -> String {
        if !element.children.isEmpty {
            note("value-plain", element, "must not have child elements")
        }
        return element.text
    }

    private mutating func one(
        _ name: String, in namespace: XMLNamespace, of parent: XMLElement? = nil,
        simple isSimple: Bool = true
    ) -> Value? {
        let found = (parent ?? description).children(name, in: namespace)
        guard found.count == 1, let element = found.first else {
            note(
                "element-count", found.dropFirst().first ?? parent ?? description,
                "exactly one is needed; found \(found.count)", name: "\(namespace.prefix):\(name)")
            return nil
        }
        return (element, isSimple ? simple(element) : "")
    }

    private mutating func atMostOne(_ name: String, in namespace: XMLNamespace) -> Value? {
        let found = description.children(name, in: namespace)
        if found.count > 1 {
            note("element-count", found[1], "at most one is allowed; found \(found.count)")
        }
        return found.first.map { ($0, simple($0)) }
    }

    private mutating func first(_ name: String, in namespace: XMLNamespace) -> String {
        description.children(name, in: namespace).first.map { simple($0) } ?? ""
    }
}
