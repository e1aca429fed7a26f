// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The owner of OpenSSL's `EVP_PKEY`: an RSA key in the default library context.
struct PrivateKey: ~Copyable {
    let raw: OpaquePointer

    /// Takes ownership.
    init(adopting raw: OpaquePointer) {
        self.raw = raw
    }

    /// Brings a key of another library context over to the default one, where signatures are made.
    init(importing foreign: borrowing PrivateKey) throws(SignaturesError) {
        var encoded: UnsafeMutablePointer<UInt8>?
        let length = Int(i2d_PrivateKey(foreign.raw, &encoded))
        guard length > 0, let encoded else {
            throw .unsupportedKey(OpenSSLLibrary.lastError())
        }
        defer { OpenSSLLibrary.freeSecret(encoded, length: length) }
        var next: UnsafePointer<UInt8>? = UnsafePointer(encoded)
        guard let key = d2i_AutoPrivateKey(nil, &next, length) else {
            throw .unsupportedKey(OpenSSLLibrary.lastError())
        }
        raw = key
    }

    /// Reads a decrypted key (RFC 5208).
    init(_ information: OpaquePointer?) throws(SignaturesError) {
        guard let information, let key = EVP_PKCS82PKEY(information) else {
            throw .unsupportedKey(OpenSSLLibrary.lastError())
        }
        raw = key
    }

    /// Makes a new RSA key.
    init(generatingBits bits: CInt) throws(SignaturesError) {
        guard let operation = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else {
            throw .library(
                operation: "EVP_PKEY_CTX_new_from_name", reason: OpenSSLLibrary.lastError())
        }
        defer { EVP_PKEY_CTX_free(operation) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(operation) == 1,
            EVP_PKEY_CTX_set_rsa_keygen_bits(operation, bits) == 1,
            EVP_PKEY_generate(operation, &key) == 1, let key
        else {
            throw .library(operation: "EVP_PKEY_generate", reason: OpenSSLLibrary.lastError())
        }
        raw = key
    }

    deinit { EVP_PKEY_free(raw) }

    func belongs(to certificate: borrowing X509Certificate) -> Bool {
        let isMatch = X509_check_private_key(certificate.raw, raw) == 1
        OpenSSLLibrary.clearErrors()
        return isMatch
    }

    /// Throws unless the key is RSA with at least `bitsMin` bits.
    static func checkRSA(_ key: OpaquePointer?, bitsMin: Int) throws(SignaturesError) {
        guard let key, EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else {
            throw .unsupportedKey("only RSA keys can sign StratusLab metadata")
        }
        let bits = Int(EVP_PKEY_get_bits(key))
        guard bits >= bitsMin, bits <= bitsMax else {
            throw .unsupportedKey(
                "an RSA key of \(bits) bits; \(bitsMin) to \(bitsMax) are accepted")
        }
    }

    /// Verifying with longer keys costs more than documents are worth.
    private static let bitsMax = 8_192
}
