// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import ImageLists
import Signatures
import StratusLab

/// Whether the signed document in the artifact store is what an event says it is.
///
/// Whoever can write to the queue gets nothing listed or withdrawn that no endorser has signed.
struct DocumentCheck: Sendable {
    var trust = EndorserTrust()
    /// Take documents whose digest is SHA-1, as StratusLab's own tool wrote it.
    var allowsSHA1Digest = false
    var now: @Sendable () -> Timestamp = { .now }

    /// - Returns: what is wrong, by publication.
    /// - Throws: `BlobStoreError` when the store cannot be used at all.
    func examine(
        _ claims: [DocumentClaim], in store: BlobStore
    ) async throws -> [String: DocumentProblem] {
        var problems: [String: DocumentProblem] = [:]
        guard !claims.isEmpty else { return problems }
        let rules: EndorserTrust.Rules
        do {
            rules = try trust.rules()
        } catch {
            let problem = DocumentProblem.undecided(why: "\(error)")
            return Dictionary(claims.map { ($0.request.publication, problem) }) { first, _ in first
            }
        }
        for claim in claims {
            problems[claim.request.publication] = try await problem(with: claim, rules, store)
        }
        return problems
    }

    private func problem(
        with claim: DocumentClaim, _ rules: EndorserTrust.Rules, _ store: BlobStore
    ) async throws -> DocumentProblem? {
        let bytes: [UInt8]
        do {
            bytes = try await store.read(claim.signed.document, bytesMax: MetadataDocument.bytesMax)
        } catch {
            if error.isFatal { throw error }
            if error.isTransient { return .undecided(why: "\(error)") }
            return .breach(
                DocumentBreach(
                    rule: .missing, field: "signed.document", found: "\(error)",
                    expected: "the signed document"))
        }
        do {
            let certificate = try check(bytes, against: claim)
            return rules.problem(with: certificate, at: now().seconds)
        } catch {
            return .breach(error)
        }
    }

    /// - Returns: the certificate that it is signed with.
    private func check(
        _ bytes: [UInt8], against claim: DocumentClaim
    ) throws(DocumentBreach) -> Certificate {
        let document: MetadataDocument
        do {
            document = try MetadataDocument(parsing: bytes)
        } catch {
            throw Self.invalid("\(error)")
        }
        guard
            case .valid(let endorsement, let certificate, _) = document.verdict(
                allowsSHA1Digest: allowsSHA1Digest)
        else {
            let findings = document.verdict(allowsSHA1Digest: allowsSHA1Digest).findings
            throw Self.invalid(findings.map(\.description).joined(separator: "; "))
        }
        try Self.compare(document, endorsement, certificate, with: claim)
        try checkUse(document.fields, claim)
        return certificate
    }

    private static func invalid(_ found: String) -> DocumentBreach {
        DocumentBreach(
            rule: .invalid, field: "the document", found: found,
            expected: "valid and signed metadata")
    }

    private static func compare(
        _ document: MetadataDocument, _ endorsement: MetadataEndorsement,
        _ certificate: Certificate, with claim: DocumentClaim
    ) throws(DocumentBreach) {
        let signed = claim.signed
        let entry = MarketplaceEntry(
            identifier: document.identifier, email: endorsement.endorser.email,
            created: endorsement.created.description)
        let pairs = [
            ("dcterms:identifier", document.identifier, claim.request.identifier),
            ("slreq:email", endorsement.endorser.email, signed.endorser.email),
            ("slreq:subject", endorsement.endorser.subject, signed.endorser.subject),
            ("slreq:issuer", endorsement.endorser.issuer, signed.endorser.issuer),
            (
                "dcterms:created of slreq:endorsement", endorsement.created.description,
                signed.created.description
            ),
            (
                "request time", claim.request.requestTime.description,
                endorsement.created.description
            ),
            ("certificate SHA-256", certificate.sha256, signed.certificateSHA256),
            ("location", claim.uploaded.location, claim.uploaded.marketplace + entry.path),
        ]
        for (field, found, expected) in pairs where found != expected {
            throw DocumentBreach(rule: .mismatch, field: field, found: found, expected: expected)
        }
        guard case .listing(let entry) = claim.request else { return }
        let waivers = Waiver.named(in: document.fields.description)
        guard waivers == entry.waivers ?? [] else {
            throw DocumentBreach(
                rule: .mismatch, field: "dcterms:description", found: Self.text(waivers),
                expected: Self.text(entry.waivers ?? []))
        }
    }

    private static func text(_ waivers: [Waiver]) -> String {
        waivers.isEmpty ? "no waiver" : waivers.map(\.line).joined(separator: "; ")
    }

    /// Whether it is good for what the event wants to do with it.
    private func checkUse(
        _ fields: MetadataFields, _ claim: DocumentClaim
    ) throws(DocumentBreach) {
        if fields.bytes == nil {
            throw DocumentBreach(
                rule: .invalid, field: "slreq:bytes", found: "", expected: "the image's size")
        }
        if fields.format.isEmpty {
            throw DocumentBreach(
                rule: .invalid, field: "dcterms:format", found: "", expected: "the image's format")
        }
        let reason = Self.words(fields.deprecated)
        if claim.revision?.change == .withdrawn {
            // When it expires does not matter any more.
            let expected = Self.words(claim.revision?.reason)
            guard reason != expected || reason.isEmpty else { return }
            throw DocumentBreach(
                rule: .mismatch, field: "slterms:deprecated", found: reason, expected: expected)
        }
        if !reason.isEmpty {
            throw DocumentBreach(
                rule: .deprecated, field: "slterms:deprecated", found: reason, expected: "")
        }
        let now = now()
        if let valid = fields.valid, valid < now {
            throw DocumentBreach(
                rule: .expired, field: "dcterms:valid", found: valid.description,
                expected: "a time after \(now)")
        }
    }

    /// White space is written and read in many ways.
    private static func words(_ text: String?) -> String {
        (text ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
