// SPDX-License-Identifier: Apache-2.0

/// What the signer adds: the section `signed`.
public struct SignedMetadata: Section {
    public static let key = "signed"

    /// The signed StratusLab document.
    public var document: BlobReference
    public var profile: SignatureProfile
    public var endorser: Endorser
    /// dcterms:created of the endorsement.
    public var created: Timestamp
    /// Lower-case hexadecimal SHA-256 of the signing certificate (DER).
    public var certificateSHA256: String
    /// All that led to the signature: sections and attestations, as canonical JSON in the store.
    public var lineage: BlobReference?

    public init(
        document: BlobReference, profile: SignatureProfile, endorser: Endorser,
        created: Timestamp, certificateSHA256: String, lineage: BlobReference? = nil
    ) {
        self.document = document
        self.profile = profile
        self.endorser = endorser
        self.created = created
        self.certificateSHA256 = certificateSHA256
        self.lineage = lineage
    }

    /// Who vouches for the image, as the document's endorsement says.
    public struct Endorser: Codable, Sendable, Hashable {
        public var email: String
        /// RFC 2253 distinguished name, as Java's `X500Principal.getName()` writes it.
        public var subject: String
        public var issuer: String

        public init(email: String, subject: String, issuer: String) {
            self.email = email
            self.subject = subject
            self.issuer = issuer
        }
    }
}

/// How documents are signed.
public enum SignatureProfile: String, Codable, Sendable, Hashable, CaseIterable {
    /// SHA-256 digest, rsa-sha1 signature: what every StratusLab verifier accepts.
    case stratuslab
    /// SHA-256 digest, rsa-sha256 signature.
    case modern
}
