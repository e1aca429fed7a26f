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

    /// Shortest RSA key that signs, in bits.
    private static let bitsMin = 2048

    /// Reads the key and the certificate that belongs to it. Old encryption (RC2-40, 3DES) works.
    ///
    /// Whether the certificate's time has come or is over is not looked at: see
    /// ``Certificate/checkValidity(at:)``.
    ///
    /// - Throws: ``SignaturesError``, one case per cause.
    public convenience init(pkcs12Path: String, password: String) throws(SignaturesError) {
        try self.init(pkcs12: try PKCS12.read(path: pkcs12Path), password: password)
    }

    /// The same from a file's bytes.
    public init(pkcs12: [UInt8], password: String) throws(SignaturesError) {
        XMLSecLibrary.start()
        let parts = try PKCS12.unlock(pkcs12, password: password) {
            key, certificate throws(SignaturesError) in
            try PrivateKey.checkRSA(key.raw, bitsMin: Self.bitsMin)
            return (try Certificate(certificate), try XMLSecLibrary.key(sharing: key.raw))
        }
        (certificate, key) = parts
        certificateText = Base64.lines(certificate.der)
    }

    deinit { xmlSecKeyDestroy(key) }
}
