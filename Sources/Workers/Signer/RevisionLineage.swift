// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Signatures
import StratusLab

/// What an event claims about the revision of a published document, and the checks that the
/// document to be signed is that published one, of this endorser, with nothing changed but what
/// was asked for.
struct RevisionLineage: Sendable {
    let revision: DocumentRevision
    let built: BuiltMetadata

    /// How far ahead of this machine's clock a requester's may be.
    static let clockLeadMax: Int64 = 600

    /// What can be checked without the store.
    func checkFacts(at now: Timestamp) throws(LineageBreach) {
        if let problem = revision.problems().first {
            throw LineageBreach("malformed", "the revision is malformed: \(problem)")
        }
        // A document of next year would bar every other one from the marketplace until then.
        guard revision.requestTime.seconds <= now.seconds + Self.clockLeadMax else {
            throw LineageBreach(
                "future", "the revision is asked for at \(revision.requestTime), in the future",
                evidence: ["found": "\(revision.requestTime)", "now": "\(now)"])
        }
        guard built.identifier == revision.identifier else {
            throw LineageBreach(
                "identifier", "the built document's identifier is not the revision's",
                evidence: ["found": built.identifier, "expected": revision.identifier])
        }
    }

    /// The document from the store, when it is what the published one becomes by the revision.
    ///
    /// - Parameters:
    ///   - endorser: who is about to sign.
    ///   - certificates: of the endorser, by ``Signatures/Certificate/sha256``: the published
    ///     document must be signed by one of them.
    /// - Throws: ``LineageBreach``, or `BlobStoreError` when the store cannot be read now.
    func document(
        in store: BlobStore, endorser: SignedMetadata.Endorser, certificates: Set<String>
    ) async throws -> MetadataDocument {
        let published = try await read(revision.published, "published", store)
        try check(published, endorser, certificates)
        let revised: MetadataDocument
        do {
            revised = try published.revised(revision)
        } catch {
            throw LineageBreach(error.rule, "\(error)")
        }
        let document = try await read(built.document, "built", store)
        guard document.bytes == revised.bytes else {
            throw LineageBreach(
                "revision-mismatch",
                "the built document is not what the published one becomes by the revision",
                evidence: ["found": built.document.sha256])
        }
        return document
    }

    /// Nobody's image is revised but the endorser's own. The certificate may be an earlier one, if
    /// the configuration names it; whom it names must be the same, or neither marketplace nor list
    /// would take the new document for the old one's successor.
    private func check(
        _ published: MetadataDocument, _ endorser: SignedMetadata.Endorser,
        _ certificates: Set<String>
    ) throws(LineageBreach) {
        let verdict = published.verdict(allowsSHA1Digest: true)
        guard case .valid(let endorsement, let certificate, _) = verdict else {
            let findings = verdict.findings.map(\.description).joined(separator: "; ")
            throw LineageBreach(
                "published-invalid", "the published document is not valid: \(findings)")
        }
        guard certificates.contains(certificate.sha256) else {
            throw LineageBreach(
                "endorser",
                "the published document is signed with a certificate that is neither this signer's"
                    + " nor one of signer.previous-certificates",
                evidence: ["found": certificate.sha256, "subject": certificate.subject])
        }
        let found = endorsement.endorser
        for (name, found, expected) in [
            ("subject", found.subject, endorser.subject), ("e-mail", found.email, endorser.email),
        ] where found != expected {
            throw LineageBreach(
                "endorser", "the published document's endorser has another \(name)",
                evidence: ["found": found, "expected": expected])
        }
    }

    private func read(
        _ blob: BlobReference, _ name: String, _ store: BlobStore
    ) async throws -> MetadataDocument {
        do {
            let bytes = try await store.read(blob, bytesMax: MetadataDocument.bytesMax)
            return try MetadataDocument(parsing: bytes)
        } catch let error as BlobStoreError where !error.isTransient && !error.isFatal {
            throw LineageBreach("document-damaged", "the \(name) document: \(error)")
        } catch let error as StratusLabError {
            throw LineageBreach("document-invalid", "the \(name) document: \(error)")
        }
    }
}
