// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Pipeline
import Signatures
import StratusLab

/// Puts the endorser's signature under a document, after checking everything that vouches for it
/// against the store: whoever can write to the queue gets nothing signed that was not fetched and
/// verified, or that is not the endorser's own document, revised.
struct SignerHandler: Handler {
    private let identity: SigningIdentity
    private let profile: SignatureProfile
    private let email: String?
    private let verifiesBlob: Bool
    private let certificates: Set<String>

    init(_ config: SignerConfig) {
        identity = config.identity
        profile = config.profile
        email = config.email
        verifiesBlob = config.verifiesBlob
        certificates = config.certificates
    }

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        try identity.certificate.checkValidity(at: Timestamp.now.seconds)
        // A document of two origins is refused before either is looked at.
        _ = try event.type.requiredSections(of: event.data)
        do {
            if let revision = try event.sectionIfPresent(DocumentRevision.self) {
                let document = try await document(revision, event, context)
                return try await sign(document, revision.requestTime, event, context)
            }
            let lineage = try Self.lineage(event)
            let document = try await document(lineage, context)
            return try await sign(document, lineage.fetched.requestTime, event, context)
        } catch let breach as LineageBreach {
            return .reject(breach.rejection)
        }
    }

    private static func lineage(_ event: Event) throws -> Lineage {
        Lineage(
            request: try event.section(ImageRequest.self),
            fetched: try event.section(Fetched.self), verified: try event.section(Verified.self),
            built: try event.section(BuiltMetadata.self))
    }

    private func document(
        _ lineage: Lineage, _ context: HandlerContext
    ) async throws -> MetadataDocument {
        try lineage.checkFacts()
        let document = try await lineage.document(in: context.store)
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
            certificateSHA256: identity.certificate.sha256)
        return .done([try context.emit(.metadataSigned, from: event, adding: section)])
    }

    private static func rejection(_ findings: [MetadataFinding]) -> Rejection {
        Rejection(
            stage: .signer, rule: "document-invalid",
            message: "the signed document would be invalid: "
                + findings.map(\.description).joined(separator: "; "),
            evidence: ["element": findings.first?.element ?? ""])
    }
}
