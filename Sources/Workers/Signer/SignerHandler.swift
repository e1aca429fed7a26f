// SPDX-License-Identifier: Apache-2.0
import Attestation
import BlobStore
import Events
import Logging
import Pipeline
import Signatures
import StratusLab

/// Puts the endorser's signature under a document, after checking everything that vouches for it
/// against the store: whoever can write to the queue gets nothing signed that was not fetched and
/// verified, modified as asked and scanned, each attested by the worker that did it, or that is not
/// the endorser's own document, revised.
struct SignerHandler: Handler {
    private let identity: SigningIdentity
    private let profile: SignatureProfile
    private let email: String?
    private let verifiesBlob: Bool
    private let certificates: Set<String>
    private let attestationKeys: AttestationKeys?

    init(_ config: SignerConfig) {
        identity = config.identity
        profile = config.profile
        email = config.email
        verifiesBlob = config.verifiesBlob
        certificates = config.certificates
        attestationKeys = config.attestationKeys
    }

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        try identity.certificate.checkValidity(at: Timestamp.now.seconds)
        // A document of two origins is refused before either is looked at.
        _ = try event.type.requiredSections(of: event.data)
        do {
            try checkAttestations(event, context)
            if let revision = try event.sectionIfPresent(DocumentRevision.self) {
                let document = try await document(revision, event, context)
                return try await sign(document, revision.requestTime, event, context)
            }
            let lineage = try Lineage(event)
            let document = try await document(lineage, context)
            return try await sign(document, lineage.fetched.requestTime, event, context)
        } catch let breach as LineageBreach {
            return .reject(breach.rejection)
        }
    }

    /// The first check: without it, no section is known to be what the stage made of it.
    private func checkAttestations(_ event: Event, _ context: HandlerContext) throws {
        guard let attestationKeys else {
            context.logger.notice("attestations are not checked, the event is believed")
            return
        }
        do {
            try AttestationChain(of: event).check(by: attestationKeys)
        } catch let breach as AttestationBreach {
            throw LineageBreach(
                "attestation-\(breach.rule.rawValue)", breach.message, evidence: breach.evidence)
        }
    }

    private func document(
        _ lineage: Lineage, _ context: HandlerContext
    ) async throws -> MetadataDocument {
        try lineage.checkFacts()
        let document = try await lineage.document(in: context.store)
        try await lineage.checkReport(in: context.store)
        try await lineage.checkImage(
            in: context.store, recomputing: verifiesBlob, before: context.deadline)
        return document
    }

    private func document(
        _ revision: DocumentRevision, _ event: Event, _ context: HandlerContext
    ) async throws -> MetadataDocument {
        let lineage = RevisionLineage(
            revision: revision, built: try event.section(BuiltMetadata.self))
        try lineage.checkFacts(at: .now)
        let certificate = identity.certificate
        let endorser = SignedMetadata.Endorser(
            email: certificate.email ?? email ?? "", subject: certificate.subject,
            issuer: certificate.issuer)
        return try await lineage.document(
            in: context.store, endorser: endorser, certificates: certificates)
    }

    /// - Parameter created: dcterms:created of the endorsement: when it was asked for.
    private func sign(
        _ document: MetadataDocument, _ created: Timestamp, _ event: Event,
        _ context: HandlerContext
    ) async throws -> Outcome {
        let signed: MetadataDocument
        do {
            signed = try document.signed(
                by: identity, profile: profile, created: created, email: email)
        } catch {
            guard case .invalidDocument(let findings) = error else { throw error }
            return .reject(Self.rejection(findings))
        }
        guard let endorsement = signed.fields.endorsement else {
            throw StratusLabError.missingField("slreq:endorsement")
        }
        let section = SignedMetadata(
            document: try await context.store.put(signed.bytes, for: event.publication),
            profile: profile, endorser: endorsement.endorser, created: created,
            certificateSHA256: identity.certificate.sha256,
            lineage: try await keep(event, document.identifier, context.store))
        return .done([try context.emit(.metadataSigned, from: event, adding: section)])
    }

    /// Keeps all that led to the signature where `imprimatur provenance` finds it: by publication,
    /// and an image's by its identifier.
    private func keep(
        _ event: Event, _ identifier: String, _ store: BlobStore
    ) async throws -> BlobReference {
        let lineage = LineageDocument(of: event)
        let blob = try await store.put(try lineage.bytes(), for: event.publication)
        try await store.record(
            blob, as: LineageDocument.recordName, for: event.publication)
        if AttestedWay(of: event.data) == .image {
            try await store.record(
                blob, as: event.publication,
                for: LineageDocument.recordOwner(identifier: identifier))
        }
        return blob
    }

    private static func rejection(_ findings: [MetadataFinding]) -> Rejection {
        Rejection(
            stage: .signer, rule: "document-invalid",
            message: "the signed document would be invalid: "
                + findings.map(\.description).joined(separator: "; "),
            evidence: ["element": findings.first?.element ?? ""])
    }
}
