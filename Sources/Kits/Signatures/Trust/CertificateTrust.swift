// SPDX-License-Identifier: Apache-2.0

/// Whether a certificate leads to a trust anchor.
public enum CertificateTrust: Sendable, Hashable {
    /// The certificate itself first, the trust anchor last.
    case trusted(chain: [Certificate])
    case untrusted(reason: UntrustedReason)
}

/// Why a certificate is not trusted: what is wrong, and with which certificate of its chain.
public struct UntrustedReason: Sendable, Hashable, CustomStringConvertible {
    public enum Cause: Sendable, Hashable {
        /// No trust anchor, nor a certificate beside them, is its issuer.
        case unknownIssuer
        case expired
        case notYetValid
        case revoked
        /// The issuer's revocation list is missing, out of date, from the future, or wrong.
        case noRevocationList
        case revocationListExpired
        case revocationListNotYetValid
        case invalidRevocationList
        /// Its issuer did not sign it.
        case badSignature
        /// Its issuer may not issue certificates, or not so many levels of them.
        case notAnAuthority
        case chainTooLong
        /// A key or signature algorithm that no longer protects.
        case weakAlgorithm
        /// Its key usage forbids signatures, or it is a proxy certificate.
        case notForSigning
        /// Anything else, in OpenSSL's words.
        case other
    }

    public let cause: Cause
    /// The subject of the certificate at fault, a distinguished name (RFC 2253).
    public let subject: String
    private let text: String

    init(_ cause: Cause, _ text: String, subject: String) {
        self.cause = cause
        self.text = text
        self.subject = subject
    }

    public var description: String { "\(text): \(subject)" }
}
