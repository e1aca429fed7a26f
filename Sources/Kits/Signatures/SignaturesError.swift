// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// Why a key, a certificate or a signature cannot be used. No case holds a secret.
public enum SignaturesError: Error, Sendable, Hashable {
    /// The file cannot be opened or read.
    case unreadableFile(path: String, reason: String)
    /// The file holds a secret and is open to everybody.
    case exposedFile(path: String)
    /// Not a PKCS#12 file (RFC 7292).
    case notPKCS12(String)
    /// Not a PEM file (RFC 7468), or one that cannot be decoded.
    case notPEM(String)
    /// The PKCS#12 file's integrity check fails with this password, or its key or certificate
    /// cannot be decrypted with it.
    case wrongPassword
    /// The private key in a PEM file is encrypted; the password is missing or wrong.
    case wrongKeyPassword
    /// There is no private key in the file, or on the token.
    case noPrivateKey
    /// There is no key with that alias in the PKCS#12 file.
    case noSuchAlias(String)
    /// There is no certificate in the file, or none on the token that belongs to the key.
    case noCertificate
    /// No certificate in the file belongs to the private key.
    case keyCertificateMismatch
    /// Not a PKCS#11 URI (RFC 7512), or one with an attribute that is not accepted.
    case invalidTokenURI(String)
    /// OpenSSL's provider for PKCS#11, or the token's module, cannot be loaded.
    case noTokenProvider(String)
    /// The token refuses the PIN, or asks for one and none was given.
    case wrongPIN
    /// The key on the token cannot be found or used.
    case tokenFailed(String)
    /// Not an RSA key, or one of too few bits.
    case unsupportedKey(String)
    /// The certificate's time has not come. Times are seconds since 1970-01-01T00:00:00Z.
    case certificateNotYetValid(notBefore: Int64, now: Int64)
    /// The certificate's time is over. Times are seconds since 1970-01-01T00:00:00Z.
    case certificateExpired(notAfter: Int64, now: Int64)
    /// Not an X.509 certificate, or one with a part that cannot be read.
    case invalidCertificate(String)
    /// Not a certificate revocation list (RFC 5280), or one that cannot be read.
    case invalidRevocationList(String)
    /// The list of endorsers is wrong in that line, counted from 1.
    case invalidEndorserList(line: Int, reason: String)
    /// Not a key or a signature of minisign.
    case notMinisign(String)
    /// Not an OpenPGP key, signature or clearsigned text (RFC 9580) of the strict kind read here.
    case notOpenPGP(String)
    /// The signature cannot be made.
    case signingFailed(String)
    /// A C library failed in a way that says nothing about the input.
    case library(operation: String, reason: String)
}

extension SignaturesError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadableFile(let path, let reason): "cannot read '\(path)': \(reason)"
        case .exposedFile(let path):
            "'\(path)' is open to everybody on this machine: chmod o= it, and replace the key"
        case .notPKCS12(let reason): "not a PKCS#12 file: \(reason)"
        case .wrongPassword: "wrong password for the PKCS#12 file"
        case .notPEM(let reason): "not a PEM file: \(reason)"
        case .wrongKeyPassword:
            "the private key is encrypted, and the password is not the right one"
        case .noPrivateKey: "there is no private key"
        case .noSuchAlias(let alias): "there is no key with the alias '\(alias)'"
        case .noCertificate: "there is no certificate"
        case .keyCertificateMismatch: "the private key belongs to none of the certificates"
        case .invalidTokenURI(let reason): "not a usable PKCS#11 URI: \(reason)"
        case .noTokenProvider(let reason): "PKCS#11 is not available: \(reason)"
        case .wrongPIN: "the token refuses the PIN"
        case .tokenFailed(let reason): "the token cannot be used: \(reason)"
        case .unsupportedKey(let reason): "unsupported key: \(reason)"
        case .certificateNotYetValid(let notBefore, _):
            "the certificate is not valid before \(Self.time(notBefore))"
        case .certificateExpired(let notAfter, _):
            "the certificate expired at \(Self.time(notAfter))"
        case .invalidCertificate(let reason): "invalid certificate: \(reason)"
        case .invalidRevocationList(let reason): "invalid certificate revocation list: \(reason)"
        case .invalidEndorserList(let line, let reason): "line \(line): \(reason)"
        case .notMinisign(let reason): "not a minisign file: \(reason)"
        case .notOpenPGP(let reason): "not a usable OpenPGP file: \(reason)"
        case .signingFailed(let reason): "cannot sign: \(reason)"
        case .library(let operation, let reason): "\(operation) failed: \(reason)"
        }
    }

    private static func time(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(Date.ISO8601FormatStyle())
    }
}
