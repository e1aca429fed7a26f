// SPDX-License-Identifier: Apache-2.0
public import Events
public import Signatures
internal import XMLDocuments

extension MetadataDocument {
    /// Signs: older signatures are stripped, the endorsement is cleared and filled, the signature
    /// appended, and the result validated before it is returned. The same input gives the same
    /// bytes.
    ///
    /// - Parameters:
    ///   - created: dcterms:created of the endorsement.
    ///   - email: the endorser's address when the certificate has none.
    public func signed(
        by identity: SigningIdentity, profile: SignatureProfile, created: Timestamp,
        email: String? = nil
    ) throws(StratusLabError) -> MetadataDocument {
        let certificate = identity.certificate
        guard let email = certificate.email ?? email, !email.isEmpty else {
            throw .missingField("slreq:email (the certificate names no e-mail address)")
        }
        let endorsement = MetadataEndorsement(
            created: created,
            endorser: SignedMetadata.Endorser(
                email: email, subject: certificate.subject, issuer: certificate.issuer))
        let tree = try Self.tree(bytes)
        try MetadataWriter.endorse(tree, with: endorsement)
        do {
            try XMLSignature.sign(tree, by: identity, profile: profile.xml)
        } catch {
            throw .signing(error)
        }
        let signed = try MetadataDocument(parsing: try MetadataWriter.serialise(tree))
        if case .invalid(let findings) = signed.verdict(expecting: identity) {
            throw .invalidDocument(findings)
        }
        return signed
    }
}

extension SignatureProfile {
    /// The same profile by the name the signatures kit knows.
    public var xml: XMLSignatureProfile {
        switch self {
        case .stratuslab: .stratuslab
        case .modern: .modern
        }
    }
}
