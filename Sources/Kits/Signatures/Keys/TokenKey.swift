// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import Synchronization

/// An RSA key on a PKCS#11 token: it signs, and never leaves the token.
final class TokenKey: @unchecked Sendable {
    // Sound: set once in init; the lock lets one task at a time use the token.
    private let key: OpaquePointer
    private let lock = Mutex<Void>(())
    private let context: TokenContext

    /// Logs in to the token and finds the key.
    init(_ uri: PKCS11URI, pin: PasswordRequest) throws(SignaturesError) {
        context = try TokenContext.instance()
        let keys = try context.keys(uri.key, pin: pin)
        guard let first = keys.first, keys.count == 1 else {
            keys.forEach { EVP_PKEY_free($0) }
            throw keys.isEmpty
                ? Self.failure(uri, pin, context)
                : .tokenFailed(
                    "the URI names \(keys.count) private keys: add 'object' or 'id' to it")
        }
        key = first
    }

    deinit { EVP_PKEY_free(key) }

    /// Why no key was found. The provider does not tell; but it asks for the PIN again only when it
    /// could not log in. It gets no answer: a wrong PIN tried too often locks the token.
    private static func failure(
        _ uri: PKCS11URI, _ pin: PasswordRequest, _ context: TokenContext
    ) -> SignaturesError {
        guard pin.isAsked else { return .tokenFailed("no token, or no private key, fits the URI") }
        guard !pin.isEmpty else { return .tokenFailed("it asks for a PIN, and none was given") }
        let again = PasswordRequest([])
        // Whether it asks is all that counts; that it fails is known.
        let keys = (try? context.keys(uri.key, pin: again)) ?? []
        keys.forEach { EVP_PKEY_free($0) }
        return again.isAsked ? .wrongPIN : .tokenFailed("no private key fits the URI")
    }

    func checkRSA(bitsMin: Int) throws(SignaturesError) {
        try PrivateKey.checkRSA(key, bitsMin: bitsMin)
    }

    func belongs(to certificate: borrowing X509Certificate) -> Bool {
        let isMatch = X509_check_private_key(certificate.raw, key) == 1
        OpenSSLLibrary.clearErrors()
        return isMatch
    }

    /// The key's certificate on the token, DER.
    func certificate(_ uri: PKCS11URI, pin: PasswordRequest) throws(SignaturesError) -> [UInt8] {
        for place in uri.certificates {
            for der in try context.certificates(place, pin: pin)
            where belongs(to: try X509Certificate(der: der)) {
                return der
            }
        }
        throw .noCertificate
    }

    /// Signs with RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    ///
    /// - Parameter digest: OpenSSL's name of the digest, such as `SHA256`.
    func sign(_ bytes: [UInt8], digest: String) throws(SignaturesError) -> [UInt8] {
        try lock.withLock { _ throws(SignaturesError) in
            OpenSSLLibrary.clearErrors()
            guard let operation = EVP_MD_CTX_new() else {
                throw .library(operation: "EVP_MD_CTX_new", reason: OpenSSLLibrary.lastError())
            }
            defer { EVP_MD_CTX_free(operation) }
            var length = 0
            guard EVP_DigestSignInit_ex(operation, nil, digest, context.raw, nil, key, nil) == 1,
                EVP_DigestSign(operation, nil, &length, bytes, bytes.count) == 1
            else { throw .tokenFailed(OpenSSLLibrary.lastError()) }
            var signature = [UInt8](repeating: 0, count: length)
            guard EVP_DigestSign(operation, &signature, &length, bytes, bytes.count) == 1 else {
                throw .tokenFailed(OpenSSLLibrary.lastError())
            }
            return Array(signature.prefix(length))
        }
    }
}
