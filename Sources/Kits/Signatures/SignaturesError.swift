// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// Why a key, a certificate or a signature cannot be used. No case holds a secret.
public enum SignaturesError: Error, Sendable, Hashable {
    /// The file cannot be opened or read.
    case unreadableFile(path: String, reason: String)
    /// Not a PKCS#12 file (RFC 7292).
    case notPKCS12(String)
    /// The PKCS#12 file's integrity check fails with this password.
    case wrongPassword
    /// The PKCS#12 file holds no private key.
    case noPrivateKey
    /// The PKCS#12 file holds no certificate.
    case noCertificate
    /// No certificate in the PKCS#12 file belongs to its private key.
    case keyCertificateMismatch
    /// Not an RSA key, or one of too few bits.
    case unsupportedKey(String)
    /// The certificate's time has not come. Times are seconds since 1970-01-01T00:00:00Z.
    case certificateNotYetValid(notBefore: Int64, now: Int64)
    /// The certificate's time is over. Times are seconds since 1970-01-01T00:00:00Z.
    case certificateExpired(notAfter: Int64, now: Int64)
    /// Not an X.509 certificate, or one with a part that cannot be read.
    case invalidCertificate(String)
    /// The signature cannot be made.
    case signingFailed(String)
    /// A C library failed in a way that says nothing about the input.
    case library(operation: String, reason: String)
}

extension SignaturesError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadableFile(let path, let reason): "cannot read '\(path)': \(reason)"
        case .notPKCS12(let reason): "not a PKCS#12 file: \(reason)"
        case .wrongPassword: "wrong password for the PKCS#12 file"
        case .noPrivateKey: "the PKCS#12 file contains no private key"
        case .noCertificate: "the PKCS#12 file contains no certificate"
        case .keyCertificateMismatch:
            "the PKCS#12 file's private key belongs to none of its certificates"
        case .unsupportedKey(let reason): "unsupported key: \(reason)"
        case .certificateNotYetValid(let notBefore, _):
            "the certificate is not valid before \(Self.time(notBefore))"
        case .certificateExpired(let notAfter, _):
            "the certificate expired at \(Self.time(notAfter))"
        case .invalidCertificate(let reason): "invalid certificate: \(reason)"
        case .signingFailed(let reason): "cannot sign: \(reason)"
        case .library(let operation, let reason): "\(operation) failed: \(reason)"
        }
    }

    private static func time(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(Date.ISO8601FormatStyle())
    }
}
