// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Signatures
internal import XMLDocuments

/// Writes documents, in the order of elements that StratusLab's own client writes.
enum MetadataWriter {
    /// Longest text of one element, in bytes.
    static let textBytesMax = 16_384
    /// Most slterms:location elements.
    static let locationsMax = 64

    private static let rdf = StratusLabNamespace.rdf
    private static let dcterms = StratusLabNamespace.dcterms
    private static let slterms = StratusLabNamespace.slterms
    private static let slreq = StratusLabNamespace.slreq

    static func bytes(of fields: MetadataFields) throws(StratusLabError) -> [UInt8] {
        let bytes = try check(fields)
        do {
            let tree = try XMLDocument(
                root: "RDF", in: rdf, declaring: [rdf, dcterms, slterms, slreq])
            let root = try tree.root
            try root.setAttribute("base", in: .xml, to: StratusLabNamespace.base)
            let description = try root.append("Description", in: rdf)
            try description.setAttribute("about", in: rdf, to: "#" + fields.identifier)
            try description.append("identifier", in: dcterms, text: fields.identifier)
            try description.append("bytes", in: slreq, text: "\(bytes)")
            try append(fields.checksums, to: description)
            try resource("endorsement", in: description)
            try append(texts(of: fields), to: description)
            try root.indent(level: 0)
            return try tree.serialised()
        } catch {
            throw named(error)
        }
    }

    /// The tree as text.
    static func serialise(_ tree: XMLDocument) throws(StratusLabError) -> [UInt8] {
        do {
            return try tree.serialised()
        } catch {
            throw .malformed(error)
        }
    }

    /// Strips signatures, then clears and fills the endorsement.
    static func endorse(
        _ tree: XMLDocument, with endorsement: MetadataEndorsement
    ) throws(StratusLabError) {
        do {
            for signature in try XMLSignature.elements(in: tree) { signature.remove() }
            let found = try tree.root.subtree.filter { $0.isNamed("endorsement", in: slreq) }
            guard found.count == 1, let element = found.first else {
                throw StratusLabError.notMetadata(
                    element: "slreq:endorsement", reason: "exactly one is needed")
            }
            element.removeContent()
            try element.setAttribute("parseType", in: rdf, to: "Resource")
            let endorser = endorsement.endorser
            try element.append("created", in: dcterms, text: endorsement.created.description)
            let who = try resource("endorser", in: element)
            try who.append("email", in: slreq, text: endorser.email)
            try who.append("subject", in: slreq, text: endorser.subject)
            try who.append("issuer", in: slreq, text: endorser.issuer)
            try element.indent(level: 2)
        } catch let error as XMLDocumentsError {
            throw named(error)
        } catch let error as StratusLabError {
            throw error
        } catch {
            throw .notMetadata(element: "slreq:endorsement", reason: "\(error)")
        }
    }

    /// Returns slreq:bytes.
    private static func check(_ fields: MetadataFields) throws(StratusLabError) -> Int {
        guard let identifier = StratusLabIdentifier(fields.identifier) else {
            throw .invalidField("dcterms:identifier", reason: "must have 27 characters")
        }
        guard let bytes = fields.bytes else { throw .missingField("slreq:bytes") }
        guard bytes >= 0 else {
            throw .invalidField("slreq:bytes", reason: "must not be negative")
        }
        for (algorithm, digest) in fields.checksums
        where !Digests.isHex(digest, digits: algorithm.hexDigits) {
            throw .invalidField(
                "slreq:checksum",
                reason: "\(algorithm.displayName) must have \(algorithm.hexDigits) "
                    + "lower-case hexadecimal digits")
        }
        guard let sha1 = fields.checksums[.sha1] else {
            throw .missingField("slreq:checksum with the algorithm SHA-1")
        }
        guard sha1 == identifier.sha1 else {
            throw .invalidField("dcterms:identifier", reason: "does not stand for the SHA-1")
        }
        guard fields.locations.count <= locationsMax else {
            throw .invalidField(
                "slterms:location", reason: "more than \(locationsMax) are given")
        }
        return bytes
    }

    private static func append(
        _ checksums: [DigestAlgorithm: String], to description: XMLElement
    ) throws(XMLDocumentsError) {
        for algorithm in DigestAlgorithm.allCases {
            guard let digest = checksums[algorithm] else { continue }
            let checksum = try resource("checksum", in: description)
            try checksum.append("algorithm", in: slreq, text: algorithm.displayName)
            try checksum.append("value", in: slreq, text: digest)
        }
    }

    @discardableResult
    private static func resource(
        _ name: String, in parent: XMLElement
    ) throws(XMLDocumentsError) -> XMLElement {
        let element = try parent.append(name, in: slreq)
        try element.setAttribute("parseType", in: rdf, to: "Resource")
        return element
    }

    /// Elements that StratusLab's client always writes are written when empty too, since its
    /// readers demand them; the rest only with a value.
    private static func texts(of fields: MetadataFields) -> [(String, XMLNamespace, String)] {
        var texts = [
            ("type", dcterms, fields.type), ("kind", slterms, fields.kind),
            ("os", slterms, fields.os), ("os-version", slterms, fields.osVersion),
            ("os-arch", slterms, fields.osArch), ("version", slterms, fields.version),
            ("compression", dcterms, fields.compression),
        ]
        texts += fields.locations.map { ("location", slterms, $0) }
        texts += [
            ("format", dcterms, fields.format), ("creator", dcterms, fields.creator),
            ("created", dcterms, fields.created?.description ?? ""),
            ("valid", dcterms, fields.valid?.description ?? ""),
            ("title", dcterms, fields.title), ("alternative", dcterms, fields.tag),
            ("description", dcterms, fields.description),
        ]
        texts += fields.serialNumber.map { [("serial-number", slterms, $0)] } ?? []
        texts += [
            ("hypervisor", slterms, fields.hypervisor), ("disks-bus", slterms, fields.disksBus),
            ("publisher", dcterms, fields.publisher),
        ]
        texts += fields.deprecated.map { [("deprecated", slterms, $0)] } ?? []
        return texts
    }

    private static func append(
        _ texts: [(String, XMLNamespace, String)], to description: XMLElement
    ) throws(XMLDocumentsError) {
        for (name, namespace, text) in texts {
            guard text.utf8.count <= textBytesMax else {
                throw .tooLarge(bytes: text.utf8.count, limit: textBytesMax)
            }
            try description.append(name, in: namespace, text: text)
        }
    }

    /// Turns the kit's error about a value into one that names the element.
    private static func named(_ error: XMLDocumentsError) -> StratusLabError {
        guard case .invalidCharacter(let field, let scalar) = error else {
            return .malformed(error)
        }
        let digits = String(scalar, radix: 16, uppercase: true)
        return .invalidField(
            field, reason: "contains the character 0x\(digits), which XML 1.0 cannot hold")
    }
}
