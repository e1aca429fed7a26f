// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A key that makes signatures of RFC 8032: the same bytes for the same message.
public final class Ed25519PrivateKey: Sendable {
    public let publicKey: Ed25519PublicKey
    nonisolated(unsafe) private let raw: OpaquePointer
    // Sound: set once, only read afterwards, freed with the object; "an EVP_PKEY can be used by
    // several threads as long as none changes it"
    // (https://docs.openssl.org/3.0/man7/openssl-threads/).

    /// Longest file that is read, in bytes.
    private static let fileBytesMax = 65_536

    /// Reads a key from a PEM file (PKCS#8 without a password: `openssl genpkey -algorithm
    /// ed25519`).
    ///
    /// - Throws: ``SignaturesError/exposedFile(path:)`` when everybody may read or write it,
    ///   ``SignaturesError/unreadableFile(path:reason:)``,
    ///   ``SignaturesError/noPrivateKey``, ``SignaturesError/notPEM(_:)`` or
    ///   ``SignaturesError/unsupportedKey(_:)``.
    public init(pemPath path: String) throws(SignaturesError) {
        var file = try BoundedFile.read(
            path: path, bytesMax: Self.fileBytesMax, isSecret: true)
        defer { for index in file.indices { file[index] = 0 } }
        let source = try MemoryBIO(file)
        // An encrypted key is refused instead of asking on the terminal for its password.
        let request = PasswordRequest([])
        OpenSSLLibrary.clearErrors()
        let key = try request.withContext {
            PEM_read_bio_PrivateKey_ex(source.raw, nil, answerPassword, $0, nil, nil)
        }
        guard let key else {
            let reason = OpenSSLLibrary.lastError()
            guard !request.isAsked else {
                throw .unsupportedKey("it is encrypted; a worker's key has no password")
            }
            let blocks = try PEMBlock.read(file) ?? []
            throw blocks.contains(where: \.isKey) ? .notPEM(reason) : .noPrivateKey
        }
        guard let bytes = Ed25519.publicBytes(of: key) else {
            EVP_PKEY_free(key)
            throw .unsupportedKey("only Ed25519 keys are accepted")
        }
        raw = key
        publicKey = Ed25519PublicKey(bytes: bytes)
    }

    deinit { EVP_PKEY_free(raw) }

    /// The 64 bytes of the signature.
    ///
    /// - Throws: ``SignaturesError/signingFailed(_:)``.
    public func signature(of message: [UInt8]) throws(SignaturesError) -> [UInt8] {
        try Ed25519.sign(message, with: raw)
    }
}
