// SPDX-License-Identifier: Apache-2.0
internal import Events

/// The name StratusLab gives an image: its SHA-1 as one big integer in 27 digits of base 64, most
/// significant first, with the alphabet A-Z a-z 0-9 - _ (`MetadataUtils.sha1ToIdentifier`). That is
/// not Base64 of the bytes.
public struct StratusLabIdentifier: Sendable, Hashable, CustomStringConvertible {
    /// 27 characters.
    public let text: String

    /// Number of characters.
    public static let length = 27
    private static let sha1Bits = 160
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// - Parameter sha1: 40 hexadecimal digits of either case, of the uncompressed image; nil for
    ///   anything else.
    public init?(sha1: String) {
        guard Digests.isHex(sha1.lowercased(), digits: DigestAlgorithm.sha1.hexDigits) else {
            return nil
        }
        // 162 bits in 27 digits of 6: two zero bits lead.
        var bits: [UInt8] = [0, 0]
        for digit in sha1.utf8 {
            guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            bits += (0..<4).reversed().map { UInt8(value >> $0 & 1) }
        }
        let digits = (0..<Self.length).map { index in
            bits[6 * index..<6 * index + 6].reduce(0) { $0 << 1 | Int($1) }
        }
        text = String(decoding: digits.map { Self.alphabet[$0] }, as: UTF8.self)
    }

    /// - Parameter text: an identifier as documents and lists hold it; nil when it is not one.
    public init?(_ text: String) {
        guard text.utf8.count == Self.length,
            text.utf8.allSatisfy({ Self.alphabet.contains($0) }),
            let first = text.utf8.first.flatMap({ Self.alphabet.firstIndex(of: $0) }),
            // 27 digits hold 162 bits, two more than a SHA-1 has.
            first < 1 << (6 - (6 * Self.length - Self.sha1Bits))
        else { return nil }
        self.text = text
    }

    /// The SHA-1 it stands for: 40 lower-case hexadecimal digits.
    public var sha1: String {
        var bits: [Int] = []
        for digit in text.utf8 {
            let value = Self.alphabet.firstIndex(of: digit) ?? 0
            bits += (0..<6).reversed().map { value >> $0 & 1 }
        }
        bits.removeFirst(6 * Self.length - Self.sha1Bits)
        let nibbles = stride(from: 0, to: bits.count, by: 4).map { start in
            bits[start..<start + 4].reduce(0) { $0 << 1 | $1 }
        }
        return nibbles.map { String($0, radix: 16) }.joined()
    }

    public var description: String { text }
}
