// SPDX-License-Identifier: Apache-2.0
import Events

/// One line of a checksum file, without its newline.
///
/// Works on bytes: names may be in any encoding, and a letter must not merge with a mark that
/// follows it.
struct ChecksumLine {
    private let bytes: ArraySlice<UInt8>
    /// GNU's mark of a name with escapes, a backslash before the line.
    private let isEscaped: Bool

    init(_ line: ArraySlice<UInt8>) {
        var rest = line.trimming(UInt8(ascii: "\r"))
        rest = rest.drop(while: \.isBlank)
        isEscaped = rest.first == UInt8(ascii: "\\")
        bytes = isEscaped ? rest.dropFirst() : rest
    }

    /// What the line says; nil when it is none of the known forms.
    func digest(hint: DigestAlgorithm?, number: Int) -> ListedDigest? {
        guard let first = bytes.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";")
        else { return nil }
        return tagged(number) ?? plain(hint, number)
    }

    /// `ALGO (name) = HASH`; OpenSSL writes `ALGO(name)= HASH`.
    private func tagged(_ number: Int) -> ListedDigest? {
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")),
            let close = bytes.lastIndex(of: UInt8(ascii: ")")), open < close,
            let algorithm = Self.algorithm(tag: bytes[..<open].trimmingBlanks)
        else { return nil }
        let tail = bytes[(close + 1)...].drop(while: \.isBlank)
        guard tail.first == UInt8(ascii: "=") else { return nil }
        let hash = tail.dropFirst().drop(while: \.isBlank).trimmingBlanks
        guard hash.count == algorithm.hexDigits, hash.allSatisfy(\.isHexDigit),
            let name = text(of: bytes[(open + 1)..<close]), !name.isEmpty
        else { return nil }
        return ListedDigest(
            algorithm: algorithm, value: Self.lowercased(hash), name: name, line: number)
    }

    /// `HASH  name`, `HASH *name`, `HASH`; `-` is standard input, so no name either.
    private func plain(_ hint: DigestAlgorithm?, _ number: Int) -> ListedDigest? {
        let hash = bytes.prefix(while: \.isHexDigit)
        let algorithm = DigestAlgorithm.allCases.first { $0.hexDigits == hash.count }
        guard let algorithm, hint == nil || hint == algorithm else { return nil }
        let rest = bytes.dropFirst(hash.count)
        guard rest.first?.isBlank ?? true else { return nil }
        guard let name = text(of: Self.name(after: rest).trimmingBlanks) else { return nil }
        return ListedDigest(
            algorithm: algorithm, value: Self.lowercased(hash),
            name: name.isEmpty || name == "-" ? nil : name, line: number)
    }

    /// GNU separates by a blank and a mark: a space for text, `*` for binary mode.
    private static func name(after rest: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        rest.starts(with: Array(" *".utf8)) ? rest.dropFirst(2) : rest.drop(while: \.isBlank)
    }

    private static func algorithm(tag: ArraySlice<UInt8>) -> DigestAlgorithm? {
        switch String(decoding: tag, as: UTF8.self).lowercased() {
        case "md5": .md5
        case "sha1", "sha-1": .sha1
        case "sha256", "sha-256", "sha2-256": .sha256
        case "sha512", "sha-512", "sha2-512": .sha512
        default: nil
        }
    }

    /// A name as text, its escapes undone; nil when it is not UTF-8 or breaks GNU's escaping.
    private func text(of name: ArraySlice<UInt8>) -> String? {
        guard isEscaped else { return String(validating: name, as: UTF8.self) }
        var plain: [UInt8] = []
        var rest = name
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                plain.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\\"): plain.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "n"): plain.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "r"): plain.append(UInt8(ascii: "\r"))
            default: return nil
            }
        }
        return String(validating: plain, as: UTF8.self)
    }

    private static func lowercased(_ hash: ArraySlice<UInt8>) -> String {
        String(decoding: hash, as: UTF8.self).lowercased()
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
    fileprivate var isHexDigit: Bool {
        (48...57).contains(self) || (97...102).contains(self) || (65...70).contains(self)
    }
}

extension ArraySlice<UInt8> {
    /// Without trailing blanks.
    fileprivate var trimmingBlanks: ArraySlice<UInt8> {
        self[..<((lastIndex { !$0.isBlank }).map { $0 + 1 } ?? startIndex)]
    }

    /// Without one `byte` at the end.
    fileprivate func trimming(_ byte: UInt8) -> ArraySlice<UInt8> {
        last == byte ? dropLast() : self
    }
}
