// SPDX-License-Identifier: Apache-2.0

/// The four digests of the same bytes, each in lower-case hexadecimal, and their number.
public struct FourDigests: Sendable, Hashable {
    public var md5: String
    public var sha1: String
    public var sha256: String
    public var sha512: String
    /// Bytes digested.
    public var size: Int

    public init(md5: String, sha1: String, sha256: String, sha512: String, size: Int) {
        self.md5 = md5
        self.sha1 = sha1
        self.sha256 = sha256
        self.sha512 = sha512
        self.size = size
    }
}
