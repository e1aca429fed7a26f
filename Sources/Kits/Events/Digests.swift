// SPDX-License-Identifier: Apache-2.0

/// A message digest algorithm that publishers of images use.
public enum DigestAlgorithm: String, Sendable, Hashable, Codable, CaseIterable {
    case md5, sha1, sha256, sha512

    /// Length of a digest in hexadecimal digits.
    public var hexDigits: Int {
        switch self {
        case .md5: 32
        case .sha1: 40
        case .sha256: 64
        case .sha512: 128
        }
    }

    /// Strong enough to be the only reason for trusting an image.
    public var isStrong: Bool { self == .sha256 || self == .sha512 }

    /// The name StratusLab documents and BSD-style checksum files use, such as `SHA-256`.
    public var displayName: String {
        switch self {
        case .md5: "MD5"
        case .sha1: "SHA-1"
        case .sha256: "SHA-256"
        case .sha512: "SHA-512"
        }
    }
}

/// All four digests of the same bytes, each in lower-case hexadecimal.
public struct Digests: Sendable, Hashable, Codable {
    public var md5: String
    public var sha1: String
    public var sha256: String
    public var sha512: String

    public init(md5: String, sha1: String, sha256: String, sha512: String) {
        self.md5 = md5
        self.sha1 = sha1
        self.sha256 = sha256
        self.sha512 = sha512
    }

    public subscript(algorithm: DigestAlgorithm) -> String {
        switch algorithm {
        case .md5: md5
        case .sha1: sha1
        case .sha256: sha256
        case .sha512: sha512
        }
    }

    /// True when each digest is lower-case hexadecimal of its algorithm's length.
    public var isWellFormed: Bool {
        DigestAlgorithm.allCases.allSatisfy { Self.isHex(self[$0], digits: $0.hexDigits) }
    }

    /// True when `text` is exactly `digits` lower-case hexadecimal digits.
    public static func isHex(_ text: String, digits: Int) -> Bool {
        text.utf8.count == digits
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}

/// Bytes in the artifact store, named by what they are.
public struct BlobReference: Sendable, Hashable, Codable {
    /// Lower-case hexadecimal SHA-256 of the bytes.
    public var sha256: String
    /// Length in bytes.
    public var size: Int

    public init(sha256: String, size: Int) {
        self.sha256 = sha256
        self.size = size
    }

    /// True when the digest is 64 lower-case hexadecimal digits and the size is not negative.
    /// Anything that turns a reference into a path checks this first.
    public var isWellFormed: Bool { Digests.isHex(sha256, digits: 64) && size >= 0 }
}
