// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Signatures of RFC 8032.
enum Ed25519 {
    static let keyBytes = 32
    static let signatureBytes = 64

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
}
