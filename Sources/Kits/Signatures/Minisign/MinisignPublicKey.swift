// SPDX-License-Identifier: Apache-2.0

/// A public key as minisign and rsign keep it in `.pub` files: two lines, the second base64 of
/// `Ed`, 8 bytes of key number and an Ed25519 key.
public struct MinisignPublicKey: Sendable, Hashable {
    /// As `minisign -P` takes it.
    public let text: String
    /// The key's number as minisign shows it, 16 hexadecimal digits. Two keys may share one.
    public let number: String
    let numberBytes: [UInt8]
    let key: [UInt8]

    /// Of a key file.
    static let bytesMax = 8192

    /// Whether bytes begin as minisign's keys and signatures do.
    public static func isMinisign(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: MinisignLines.untrustedMark.utf8)
    }

    /// - Throws: ``SignaturesError/notMinisign(_:)``.
    public init(file bytes: [UInt8]) throws(SignaturesError) {
        guard bytes.count <= Self.bytesMax else {
            throw .notMinisign("a key file has at most \(Self.bytesMax) bytes")
        }
        let lines = try MinisignLines.split(bytes)
        guard lines.count == 2, lines[0].starts(with: MinisignLines.untrustedMark.utf8) else {
            throw .notMinisign("a key file is a comment and one line")
        }
        let text = String(decoding: lines[1], as: UTF8.self)
        let decoded = try MinisignLines.decode(lines[1], "the key", bytes: 2 + 8 + 32)
        guard decoded.starts(with: "Ed".utf8) else {
            throw .notMinisign("the key's algorithm is not Ed25519")
        }
        self.text = text
        numberBytes = Array(decoded[2..<10])
        key = Array(decoded[10...])
        number = MinisignLines.number(numberBytes)
    }
}

/// What minisign's two kinds of file have in common.
enum MinisignLines {
    static let untrustedMark = "untrusted comment:"

    /// The lines without their ends; a newline at the very end begins no other.
    static func split(_ bytes: [UInt8]) throws(SignaturesError) -> [[UInt8]] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var result: [[UInt8]] = []
        for line in lines {
            var line = line
            while line.last == UInt8(ascii: "\r") { line.removeLast() }
            let isText = line.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }
            guard isText else { throw .notMinisign("it holds control characters") }
            result.append(Array(line))
        }
        return result
    }

    static func decode(
        _ line: [UInt8], _ name: String, bytes count: Int
    ) throws(SignaturesError) -> [UInt8] {
        guard let bytes = Base64.decode(String(decoding: line, as: UTF8.self)),
            bytes.count == count
        else { throw .notMinisign("\(name) is not \(count) bytes in base64") }
        return bytes
    }

    static func number(_ bytes: [UInt8]) -> String { Digest.hex(bytes.reversed()).uppercased() }
}
