// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import CXMLSec

/// An endorser's RSA key with its certificate, loaded once per process.
///
/// Safe to use from any task; signing takes about half a millisecond with an RSA key of 2048 bits.
public final class SigningIdentity: Sendable {
    public let certificate: Certificate
    /// The certificate in Base64, lines of 64 characters: the same text in each signature.
    let certificateText: String
    nonisolated(unsafe) let key: xmlSecKeyPtr
    // Sound: set once, only read afterwards, freed with the object. Signing takes a reference to
    // the EVP_PKEY inside, and "an EVP_PKEY can be used by several threads as long as none changes
    // it" (https://docs.openssl.org/3.0/man7/openssl-threads/).

    /// When the key is on a token: it makes the signature, and ``key`` is its public half.
    let token: TokenSigner?

    /// Shortest RSA key that signs, in bits.
    private static let bitsMin = 2048

    /// Reads the key and the certificate that belongs to it. Old encryption (RC2-40, 3DES) works,
    /// and passwords outside ASCII however they were spelt.
    ///
    /// Of several keys in a PKCS#12 file, the last is taken, as StratusLab's own tool does
    /// (`X509Utils.x509FromKeyStore`, with Java up to 17 at least); an alias chooses another.
    ///
    /// Whether the certificate's time has come or is over is not looked at: see
    /// ``Certificate/checkValidity(at:)``.
    ///
    /// - Throws: ``SignaturesError``, one case per cause.
    public convenience init(_ source: SigningKeySource) throws(SignaturesError) {
        XMLSecLibrary.start()
        switch source {
        case .pkcs12(let path, let password, let alias):
            let bytes = try BoundedFile.read(path: path, bytesMax: PKCS12.bytesMax)
            self.init(try PKCS12.unlock(bytes, password: password, alias: alias, Self.parts))
        case .pem(let certificatePath, let keyPath, let password):
            self.init(
                try PEMKeyPair.unlock(
                    certificatePath: certificatePath, keyPath: keyPath, password: password,
                    Self.parts))
        case .pkcs11(let uri, let pin, let certificatePath):
            try self.init(
                token: try PKCS11URI(uri), pin: PasswordRequest(Array((pin ?? "").utf8)),
                certificatePath: certificatePath)
        }
    }

    /// A key in a PKCS#12 file, from its path.
    public convenience init(pkcs12Path: String, password: String) throws(SignaturesError) {
        try self.init(.pkcs12(path: pkcs12Path, password: password))
    }

    /// The same from a file's bytes.
    public convenience init(pkcs12: [UInt8], password: String) throws(SignaturesError) {
        XMLSecLibrary.start()
        self.init(try PKCS12.unlock(pkcs12, password: password, Self.parts))
    }

    private init(_ parts: (Certificate, xmlSecKeyPtr)) {
        (certificate, key) = parts
        certificateText = Base64.lines(certificate.der)
        token = nil
    }

    private init(
        token uri: PKCS11URI, pin: PasswordRequest, certificatePath: String?
    ) throws(SignaturesError) {
        let tokenKey = try TokenKey(uri, pin: pin)
        try tokenKey.checkRSA(bitsMin: Self.bitsMin)
        let der =
            if let certificatePath {
                try PEMKeyPair.certificate(path: certificatePath) { tokenKey.belongs(to: $0) }
            } else {
                try tokenKey.certificate(uri, pin: pin)
            }
        let x509 = try X509Certificate(der: der)
        guard let publicKey = X509_get0_pubkey(x509.raw) else {
            throw .invalidCertificate("no key")
        }
        certificate = try Certificate(x509)
        certificateText = Base64.lines(der)
        token = try TokenSigner(tokenKey)
        key = try XMLSecLibrary.key(sharing: publicKey)
    }

    private static func parts(
        _ key: borrowing PrivateKey, _ certificate: borrowing X509Certificate
    ) throws(SignaturesError) -> (Certificate, xmlSecKeyPtr) {
        try PrivateKey.checkRSA(key.raw, bitsMin: bitsMin)
        return (try Certificate(certificate), try XMLSecLibrary.key(sharing: key.raw))
    }

    deinit { xmlSecKeyDestroy(key) }
}
