// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Signatures of RFC 8032.
enum Ed25519 {
    static let keyBytes = 32
    static let signatureBytes = 64
    /// What stands before the key's bytes in a SubjectPublicKeyInfo (RFC 8410 section 4).
    static let publicPrefix: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    /// Whether `signature` is the key's under `message`.
    ///
    /// - Throws: ``SignaturesError/library(operation:reason:)`` when OpenSSL has no answer.
    static func verify(
        _ signature: [UInt8], of message: [UInt8], by key: [UInt8]
    ) throws(SignaturesError) -> Bool {
        guard key.count == keyBytes, signature.count == signatureBytes else { return false }
        OpenSSLLibrary.clearErrors()
        guard
            let raw = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, key, key.count)
        else { return false }
        let owned = PrivateKey(adopting: raw)
        guard let context = EVP_MD_CTX_new() else {
            throw .library(operation: "EVP_MD_CTX_new", reason: OpenSSLLibrary.lastError())
        }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, nil, nil, owned.raw) == 1 else {
            throw .library(operation: "EVP_DigestVerifyInit", reason: OpenSSLLibrary.lastError())
        }
        let verdict = EVP_DigestVerify(
            context, signature, signature.count, message, message.count)
        OpenSSLLibrary.clearErrors()
        return verdict == 1
    }

    /// The signature of a message, always the same (RFC 8032 section 5.1.6).
    static func sign(
        _ message: [UInt8], with key: OpaquePointer
    ) throws(SignaturesError) -> [UInt8] {
        OpenSSLLibrary.clearErrors()
        guard let context = EVP_MD_CTX_new() else {
            throw .library(operation: "EVP_MD_CTX_new", reason: OpenSSLLibrary.lastError())
        }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: signatureBytes)
        var length = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &length, message, message.count) == 1,
            length == signatureBytes
        else { throw .signingFailed(OpenSSLLibrary.lastError()) }
        return signature
    }

    /// The 32 bytes of a key's public half; nil when it is no Ed25519 key.
    static func publicBytes(of key: OpaquePointer) -> [UInt8]? {
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 else { return nil }
        var bytes = [UInt8](repeating: 0, count: keyBytes)
        var length = bytes.count
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &length) == 1, length == keyBytes else {
            return nil
        }
        return bytes
    }
}
