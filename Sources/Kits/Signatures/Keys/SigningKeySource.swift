// SPDX-License-Identifier: Apache-2.0

/// Where an endorser's key and certificate are kept.
public enum SigningKeySource: Sendable {
    /// A PKCS#12 file (RFC 7292).
    ///
    /// When it holds several keys and no `alias` is given, the one is taken that StratusLab's own
    /// tool takes: see ``SigningIdentity``.
    ///
    /// - Parameters:
    ///   - password: opens the file; empty when it has none.
    ///   - alias: the key's friendlyName, in any case of letters.
    case pkcs12(path: String, password: String, alias: String? = nil)

    /// A private key (PKCS#8 or PKCS#1, encrypted or not) and a file with its certificate, both
    /// PEM; both may be in one file, and other certificates may stand beside the key's own.
    ///
    /// - Parameter password: opens an encrypted key.
    case pem(certificatePath: String, keyPath: String, password: String? = nil)

    /// A key on a token (smart card, HSM), through OpenSSL's provider `pkcs11`.
    ///
    /// - Parameters:
    ///   - uri: which key (RFC 7512), without a `pin-value`.
    ///   - pin: the user's PIN; nil for a token that needs no login, or a URI with `pin-source`.
    ///   - certificatePath: PEM; nil when the certificate is on the token.
    case pkcs11(uri: String, pin: String? = nil, certificatePath: String? = nil)
}

extension SigningKeySource: CustomStringConvertible, CustomDebugStringConvertible {
    /// The place, without the secret that opens it.
    public var description: String {
        switch self {
        case .pkcs12(let path, _, _): path
        case .pem(_, let keyPath, _): keyPath
        case .pkcs11(let uri, _, _): uri
        }
    }

    public var debugDescription: String { description }
}
