// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Pipeline
import Signatures
import StratusLab

/// Puts the endorser's signature under a document, after checking everything that vouches for it
/// against the store: whoever can write to the queue gets nothing signed that was not fetched and
/// verified.
struct SignerHandler: Handler {
    private let identity: SigningIdentity
    private let profile: SignatureProfile
    private let email: String?
    private let verifiesBlob: Bool

    init(_ config: SignerConfig) {
        identity = config.identity
        profile = config.profile
        email = config.email
        verifiesBlob = config.verifiesBlob
    }

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        try identity.certificate.checkValidity(at: Timestamp.now.seconds)
        let lineage = Lineage(
            request: try event.section(ImageRequest.self),
            fetched: try event.section(Fetched.self), verified: try event.section(Verified.self),
            built: try event.section(BuiltMetadata.self))
        let document: MetadataDocument
        do {
            try lineage.checkFacts()
            document = try await lineage.document(in: context.store)
            try await lineage.checkImage(
                in: context.store, recomputing: verifiesBlob, before: context.deadline)
        } catch let breach as LineageBreach {
            return .reject(breach.rejection)
        }
        return try await sign(document, lineage, event, context)
    }

    private func sign(
        _ document: MetadataDocument, _ lineage: Lineage, _ event: Event,
        _ context: HandlerContext
    ) async throws -> Outcome {
        let created = lineage.fetched.requestTime
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
