// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Signatures
internal import XMLDocuments

/// Reads a document's tree into fields, and notes each rule that it breaks.
///
/// The rules are those of StratusLab's `ValidateMetadataConstraints`, plus what keeps two readers
/// from seeing different things: one description, and no elements inside simple values.
struct MetadataReader {
    private(set) var fields = MetadataFields()
    private(set) var findings: [MetadataFinding] = []
    private(set) var isSigned = false
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
        let found = root.subtree.filter { $0.isNamed("Description", in: StratusLabNamespace.rdf) }
        guard found.count == 1, let only = found.first, only.parent?.parent == nil else {
            throw .notMetadata(
                element: "rdf:Description",
                reason: "exactly one is needed, as a child of rdf:RDF; found \(found.count)")
        }
        description = only
        checkRoot(root)
        readIdentifier()
        readBytes()
        readChecksums()
        checkIdentity()
        readEndorsement()
        readTexts()
        readDates()
    }

    private mutating func note(_ element: String, _ reason: String) {
        findings.append(MetadataFinding(.constraint, element, reason))
    }

    private mutating func checkRoot(_ root: XMLElement) {
        if root.attribute("base", in: .xml) != StratusLabNamespace.base {
            note("rdf:RDF", "must have xml:base=\"\(StratusLabNamespace.base)\"")
        }
        for child in root.children {
            if child.isNamed("Signature", in: XMLSignature.namespace) {
                isSigned = true
            } else if !child.isNamed("Description", in: StratusLabNamespace.rdf) {
                note("rdf:RDF", "must not hold \(child.qualifiedName)")
            }
        }
    }

    private mutating func readIdentifier() {
        let text = one("identifier", in: StratusLabNamespace.dcterms) ?? ""
        fields.identifier = text
        if StratusLabIdentifier(text) == nil {
            note(
                "dcterms:identifier",
                "must be a SHA-1 in 27 characters A-Z a-z 0-9 - _, found '\(text.prefix(64))'")
        }
        let about = description.attribute("about", in: StratusLabNamespace.rdf) ?? ""
        if about != "#" + text {
            findings.append(
                MetadataFinding(
                    .consistency, "rdf:Description",
                    "rdf:about '\(about.prefix(64))' is not '#' and the dcterms:identifier"))
        }
    }

    private mutating func readBytes() {
        guard let text = one("bytes", in: StratusLabNamespace.slreq) else { return }
        let isNumber = text.utf8.allSatisfy { (48...57).contains($0) }
        fields.bytes = isNumber ? Int(text) : nil
        if fields.bytes == nil {
            note("slreq:bytes", "must be a non-negative integer, found '\(text.prefix(64))'")
        }
    }

    private mutating func readChecksums() {
        let elements = description.children("checksum", in: StratusLabNamespace.slreq)
        for element in elements { readChecksum(element) }
        if fields.checksums[.sha1] == nil {
            note("slreq:checksum", "exactly one with the algorithm SHA-1 is needed")
        }
    }

    private mutating func readChecksum(_ element: XMLElement) {
        checkResource(element)
        guard let name = one("algorithm", in: StratusLabNamespace.slreq, of: element),
            let value = one("value", in: StratusLabNamespace.slreq, of: element)
        else { return }
        guard let algorithm = DigestAlgorithm.allCases.first(where: { $0.displayName == name })
        else {
            note("slreq:algorithm", "'\(name.prefix(64))' is not MD5, SHA-1, SHA-256 or SHA-512")
            return
        }
        guard fields.checksums[algorithm] == nil else {
            note("slreq:checksum", "there is more than one with the algorithm \(name)")
            return
        }
        guard let digest = Self.digest(value, digits: algorithm.hexDigits) else {
            note("slreq:value", "'\(value.prefix(160))' is not a digest of the algorithm \(name)")
            return
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
        findings.append(
            MetadataFinding(
                .consistency, "dcterms:identifier",
                "stands for the SHA-1 \(identifier.sha1), the slreq:checksum is \(sha1)"))
    }

    private mutating func readEndorsement() {
        let found = description.children("endorsement", in: StratusLabNamespace.slreq)
        guard found.count == 1, let endorsement = found.first else {
            note("slreq:endorsement", "exactly one is needed; found \(found.count)")
            return
        }
        if endorsement.children.isEmpty { return }
        checkResource(endorsement)
        let endorsers = endorsement.children("endorser", in: StratusLabNamespace.slreq)
        guard endorsers.count == 1, let endorser = endorsers.first else {
            note("slreq:endorser", "exactly one is needed; found \(endorsers.count)")
            return
        }
        checkResource(endorser)
        let text = one("created", in: StratusLabNamespace.dcterms, of: endorsement)
        let created = text.flatMap { date($0, "dcterms:created of slreq:endorsement") }
        let email = one("email", in: StratusLabNamespace.slreq, of: endorser)
        let subject = one("subject", in: StratusLabNamespace.slreq, of: endorser)
        let issuers = endorser.children("issuer", in: StratusLabNamespace.slreq)
        guard let issuer = issuers.first.map({ simple($0) }) else {
            note("slreq:issuer", "at least one is needed")
            return
        }
        guard let created, let email, let subject else { return }
        fields.endorsement = MetadataEndorsement(
            created: created,
            endorser: SignedMetadata.Endorser(email: email, subject: subject, issuer: issuer))
    }

    private mutating func readTexts() {
        let dcterms = StratusLabNamespace.dcterms
        let slterms = StratusLabNamespace.slterms
        fields.type = one("type", in: dcterms) ?? ""
        fields.kind = first("kind", in: slterms) ?? ""
        fields.os = atMostOne("os", in: slterms) ?? ""
        fields.osVersion = atMostOne("os-version", in: slterms) ?? ""
        fields.osArch = atMostOne("os-arch", in: slterms) ?? ""
        fields.version = atMostOne("version", in: slterms) ?? ""
        fields.serialNumber = atMostOne("serial-number", in: slterms)
        fields.deprecated = atMostOne("deprecated", in: slterms)
        fields.compression = first("compression", in: dcterms) ?? ""
        fields.locations = description.children("location", in: slterms).map { simple($0) }
        fields.format = first("format", in: dcterms) ?? ""
        fields.creator = first("creator", in: dcterms) ?? ""
        fields.title = first("title", in: dcterms) ?? ""
        fields.tag = first("alternative", in: dcterms) ?? ""
        fields.description = first("description", in: dcterms) ?? ""
        fields.hypervisor = first("hypervisor", in: slterms) ?? ""
        fields.disksBus = first("disks-bus", in: slterms) ?? ""
        fields.publisher = first("publisher", in: dcterms) ?? ""
    }

    private mutating func readDates() {
        let created = atMostOne("created", in: StratusLabNamespace.dcterms)
        fields.created = created.flatMap { date($0, "dcterms:created") }
        let valid = atMostOne("valid", in: StratusLabNamespace.dcterms)
        fields.valid = valid.flatMap { date($0, "dcterms:valid") }
    }
}

// What several elements have in common.
extension MetadataReader {
    /// A date as StratusLab's `PatternUtils.DATE` has it; nil, without a finding, when empty.
    private mutating func date(_ text: String, _ element: String) -> Timestamp? {
        if text.isEmpty { return nil }
        guard let time = Timestamp(text), time.description == text else {
            note(element, "'\(text.prefix(64))' is not a date yyyy-MM-ddTHH:mm:ssZ")
            return nil
        }
        return time
    }

    private mutating func checkResource(_ element: XMLElement) {
        if element.attribute("parseType", in: StratusLabNamespace.rdf) != "Resource" {
            note(element.qualifiedName, "must have rdf:parseType=\"Resource\"")
        }
    }

    /// The text of an element that must not have elements inside.
    private mutating func simple(_ element: XMLElement) -> String {
        if !element.children.isEmpty {
            note(element.qualifiedName, "must not have child elements")
        }
        return element.text
    }

    private mutating func one(
        _ name: String, in namespace: XMLNamespace, of parent: XMLElement? = nil
    ) -> String? {
        let found = (parent ?? description).children(name, in: namespace)
        guard found.count == 1, let element = found.first else {
            note("\(namespace.prefix):\(name)", "exactly one is needed; found \(found.count)")
            return nil
        }
        return simple(element)
    }

    private mutating func atMostOne(_ name: String, in namespace: XMLNamespace) -> String? {
        let found = description.children(name, in: namespace)
        if found.count > 1 {
            note("\(namespace.prefix):\(name)", "at most one is allowed; found \(found.count)")
        }
        return found.first.map { simple($0) }
    }

    private mutating func first(_ name: String, in namespace: XMLNamespace) -> String? {
        description.children(name, in: namespace).first.map { simple($0) }
    }
}
