// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A key that judges signatures of RFC 8032.
public struct Ed25519PublicKey: Sendable, Hashable {
    let bytes: [UInt8]

    /// Longest file that is read, in bytes.
    private static let fileBytesMax = 65_536
    private static let label = "PUBLIC KEY"

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// All keys of a PEM file (`openssl pkey -pubout`, RFC 8410): several while one takes the
    /// place of another.
    ///
    /// - Throws: ``SignaturesError/unreadableFile(path:reason:)``,
    ///   ``SignaturesError/notPEM(_:)``, or ``SignaturesError/unsupportedKey(_:)`` for a key of
    ///   another kind, also for a private one.
    public static func read(pemPath path: String) throws(SignaturesError) -> [Ed25519PublicKey] {
        let file = try BoundedFile.read(path: path, bytesMax: fileBytesMax)
        guard let blocks = try PEMBlock.read(file), !blocks.isEmpty else {
            throw .notPEM("no block -----BEGIN PUBLIC KEY-----")
        }
        var keys: [Ed25519PublicKey] = []
        for block in blocks {
            guard block.label == label else {
                throw .unsupportedKey(
                    "a block \(block.label.prefix(40)) where only public keys belong")
            }
            keys.append(try Ed25519PublicKey(der: block.der))
        }
        return keys
    }

    /// A SubjectPublicKeyInfo has one encoding only.
    private init(der: [UInt8]) throws(SignaturesError) {
        let prefix = Ed25519.publicPrefix
        guard der.count == prefix.count + Ed25519.keyBytes, der.starts(with: prefix) else {
            throw .unsupportedKey("only Ed25519 keys are accepted")
        }
        bytes = Array(der[prefix.count...])
    }

    /// SHA-256 of the key's SubjectPublicKeyInfo (DER), in lower-case hexadecimal: what
    /// `openssl pkey -pubin -outform DER | sha256sum` shows.
    public var identifier: String {
        Digest.hex(Digest.sha256(Ed25519.publicPrefix + bytes))
    }

    /// Whether `signature` is this key's under `message`.
    ///
    /// - Throws: ``SignaturesError/library(operation:reason:)`` when OpenSSL has no answer.
    public func verifies(
        _ signature: [UInt8], of message: [UInt8]
    ) throws(SignaturesError) -> Bool {
        try Ed25519.verify(signature, of: message, by: bytes)
    }
}
