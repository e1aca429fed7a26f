// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Signatures
internal import StratusLab

/// Decides which documents are accepted: the rules of the original server, in its order.
struct Admission: Sendable {
    /// Who may publish; anyone whose document is valid when nil.
    let endorsers: EndorserAllowList?
    /// Accept the SHA-1 document digests that StratusLab's own tools write.
    let allowsSHA1Digest: Bool

    /// - Throws: 400 with the rule that the document breaks.
    func examine(_ bytes: [UInt8]) throws(Refusal) -> Entry {
        try Self.checkEncoding(bytes)
        let document = try Self.parse(bytes)
        let verdict = document.verdict(allowsSHA1Digest: allowsSHA1Digest)
        guard case .valid(let endorsement, let certificate, _) = verdict else {
            let reasons = verdict.findings.map(\.description).joined(separator: "; ")
            throw Refusal(400, "invalid metadata: \(reasons.prefix(1000))")
        }
        if let endorsers {
            try endorsers.check(endorsement.endorser, certificate)
        }
        return Self.entry(document.fields, endorsement)
    }

    private static func parse(_ bytes: [UInt8]) throws(Refusal) -> MetadataDocument {
        do {
            return try MetadataDocument(parsing: bytes)
        } catch .malformed(let error) {
            throw Refusal(400, "unable to parse metadata: \(error)")
        } catch {
            throw Refusal(400, "invalid metadata: \(error)")
        }
    }

    /// Listings put documents into one UTF-8 document, unchanged.
    private static func checkEncoding(_ bytes: [UInt8]) throws(Refusal) {
        let wrong = Refusal(400, "unable to parse metadata: the encoding must be UTF-8")
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw wrong
        }
        let start = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        guard start.hasPrefix("<?xml"), let end = start.firstRange(of: "?>") else { return }
        let declaration = start[..<end.lowerBound].lowercased()
        guard let name = declaration.firstRange(of: "encoding") else { return }
        let value = declaration[name.upperBound...].filter { !"= \t\r\n\"'".contains($0) }
        let known = ["utf-8", "us-ascii"]
        guard known.contains(where: { value.hasPrefix($0) }) else { throw wrong }
    }

    private static func entry(
        _ fields: MetadataFields, _ endorsement: MetadataEndorsement
    ) -> Entry {
        let texts: [Entry.Fact: String] = [
            .title: fields.title, .description: fields.description, .os: fields.os,
            .osVersion: fields.osVersion, .arch: fields.osArch, .version: fields.version,
            .kind: fields.kind, .tag: fields.tag,
        ]
        return Entry(
            coordinates: Entry.Coordinates(
                identifier: fields.identifier, email: endorsement.endorser.email,
                created: endorsement.created.description),
            created: endorsement.created, valid: fields.valid, deprecated: fields.deprecated,
            facts: texts.filter { !$0.value.isEmpty }, locations: fields.locations,
            subject: endorsement.endorser.subject, issuer: endorsement.endorser.issuer)
    }
}
