// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// An X.509 certificate's facts, as values.
public struct Certificate: Sendable, Hashable {
    /// The certificate itself, DER.
    public let der: [UInt8]
    /// Distinguished names as Java's `X500Principal.getName()` writes them (RFC 2253).
    public let subject: String
    public let issuer: String
    /// The first rfc822Name of subjectAltName.
    public let email: String?
    /// Seconds since 1970-01-01T00:00:00Z.
    public let notBefore: Int64
    public let notAfter: Int64
    /// SHA-256 of ``der`` in lower-case hexadecimal.
    public let sha256: String

    /// - Parameter der: one certificate and nothing behind it.
    /// - Throws: ``SignaturesError/invalidCertificate(_:)``.
    public init(der: [UInt8]) throws(SignaturesError) {
        try self.init(try X509Certificate(der: der))
    }

    init(_ certificate: borrowing X509Certificate) throws(SignaturesError) {
        der = try certificate.der()
        subject = try DistinguishedName.text(X509_get_subject_name(certificate.raw))
        issuer = try DistinguishedName.text(X509_get_issuer_name(certificate.raw))
        email = try certificate.email()
        notBefore = try X509Certificate.seconds(X509_get0_notBefore(certificate.raw))
        notAfter = try X509Certificate.seconds(X509_get0_notAfter(certificate.raw))
        sha256 = Digest.hex(Digest.sha256(der))
    }

    /// Throws when `seconds` (since 1970-01-01T00:00:00Z) lies outside the certificate's time.
    public func checkValidity(at seconds: Int64) throws(SignaturesError) {
        guard seconds >= notBefore else {
            throw .certificateNotYetValid(notBefore: notBefore, now: seconds)
        }
        guard seconds <= notAfter else {
            throw .certificateExpired(notAfter: notAfter, now: seconds)
        }
    }
}
