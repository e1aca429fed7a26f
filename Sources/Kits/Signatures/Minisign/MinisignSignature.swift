// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A detached signature of minisign or rsign, both of its parts: that of the file, and that of
/// the trusted comment.
public struct MinisignSignature: Sendable, Hashable {
    /// What the signer wrote, without control characters but tabs.
    public let trustedComment: String
    /// The number of the key it claims, as minisign shows it.
    public let keyNumber: String
    private let keyNumberBytes: [UInt8]
    private let isPrehashed: Bool
    private let signature: [UInt8]
    private let commentSignature: [UInt8]
    private let commentBytes: [UInt8]

    private static let trustedMark = "trusted comment: "
    private static let bytesMax = 65_536

    public enum Verdict: Sendable, Hashable {
        case good
        /// The signature or its comment was changed, or is of another file.
        case bad
        /// It was made with another key.
        case otherKey
    }

    /// - Parameter bytes: a whole `.minisig` file.
    /// - Throws: ``SignaturesError/notMinisign(_:)``.
    public init(_ bytes: [UInt8]) throws(SignaturesError) {
        guard bytes.count <= Self.bytesMax else {
            throw .notMinisign("a signature has at most \(Self.bytesMax) bytes")
        }
        let lines = try MinisignLines.split(bytes)
        guard lines.count == 4, lines[0].starts(with: MinisignLines.untrustedMark.utf8),
            lines[2].starts(with: Self.trustedMark.utf8)
        else {
            throw .notMinisign("a signature is two comments, each with one line below it")
        }
        let decoded = try MinisignLines.decode(lines[1], "the signature", bytes: 2 + 8 + 64)
        switch Array(decoded[..<2]) {
        case Array("ED".utf8): isPrehashed = true
        case Array("Ed".utf8): isPrehashed = false
        default: throw .notMinisign("the signature's algorithm is unknown")
        }
        keyNumberBytes = Array(decoded[2..<10])
        keyNumber = MinisignLines.number(keyNumberBytes)
        signature = Array(decoded[10...])
        commentBytes = Array(lines[2].dropFirst(Self.trustedMark.utf8.count))
        trustedComment = String(decoding: commentBytes, as: UTF8.self)
        commentSignature = try MinisignLines.decode(
            lines[3], "the comment's signature", bytes: Ed25519.signatureBytes)
    }

    /// When it was made by the trusted comment, in seconds since 1970-01-01T00:00:00Z.
    public var timestamp: Int64? {
        let mark = "timestamp:"
        let word = trustedComment.split { $0 == "\t" || $0 == " " }.first { $0.hasPrefix(mark) }
        return word.flatMap { Int64($0.dropFirst(mark.count)) }
    }

    /// Judges the signature of a file and of the trusted comment.
    ///
    /// - Throws: ``SignaturesError/library(operation:reason:)``.
    public func verdict(
        of file: [UInt8], by key: MinisignPublicKey
    ) throws(SignaturesError) -> Verdict {
        guard key.numberBytes == keyNumberBytes else { return .otherKey }
        let message = isPrehashed ? try Self.blake2b512(file) : file
        guard try Ed25519.verify(signature, of: message, by: key.key),
            try Ed25519.verify(commentSignature, of: signature + commentBytes, by: key.key)
        else { return .bad }
        return .good
    }

    /// RFC 7693.
    private static func blake2b512(_ bytes: [UInt8]) throws(SignaturesError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard EVP_Digest(bytes, bytes.count, &digest, &length, EVP_blake2b512(), nil) == 1 else {
            throw .library(operation: "EVP_Digest", reason: OpenSSLLibrary.lastError())
        }
        return Array(digest.prefix(Int(length)))
    }
}
