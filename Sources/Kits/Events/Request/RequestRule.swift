// SPDX-License-Identifier: Apache-2.0

/// The rules of single values: each returns why a value breaks it, or nil.
enum RequestRule {
    static let sourceSchemes = ["http", "https", "ftp", "file"]

    static func name(_ name: String) -> String? {
        let isValid = name.utf8.allSatisfy { isAlphanumeric($0) || "._+-".utf8.contains($0) }
        guard (1...ImageRequest.nameLengthMax).contains(name.utf8.count), isValid else {
            return "must be 1 to \(ImageRequest.nameLengthMax) of A-Z a-z 0-9 . _ + -"
        }
        guard name.utf8.first.map(isAlphanumeric) == true else {
            return "must begin with a letter or a digit"
        }
        return nil
    }

    /// The form of a StratusLab identifier.
    static func identifier(_ text: String) -> String? {
        let isValid = text.utf8.allSatisfy { isAlphanumeric($0) || "-_".utf8.contains($0) }
        return text.utf8.count == 27 && isValid ? nil : "must be 27 of A-Z a-z 0-9 - _"
    }

    static func digest(_ digest: String, algorithm: String) -> String? {
        guard let algorithm = DigestAlgorithm(rawValue: algorithm) else {
            let known = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            return "unknown algorithm; must be one of \(known)"
        }
        guard Digests.isHex(digest.lowercased(), digits: algorithm.hexDigits) else {
            return "must be \(algorithm.hexDigits) hexadecimal digits"
        }
        return nil
    }

    static func count(_ count: Int?) -> String? {
        guard let count, count > ImageRequest.listCountMax else { return nil }
        return "at most \(ImageRequest.listCountMax) are allowed, found \(count)"
    }

    /// Text that an XML 1.0 document can hold, on one line unless `multiline`.
    static func text(_ text: String?, _ lengths: ClosedRange<Int>, multiline: Bool = false)
        -> String?
    {
        guard let text else { return nil }
        guard lengths.contains(text.unicodeScalars.count) else {
            return text.isEmpty
                ? "must not be empty" : "must have at most \(lengths.upperBound) characters"
        }
        let isBroken = text.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x09: false
            case 0x0A, 0x0D: !multiline
            case 0..<0x20, 0x7F...0x9F, 0xFFFE, 0xFFFF: true
            default: false
            }
        }
        return isBroken ? "must not hold control characters" : nil
    }

    /// Text that becomes a part of a file name.
    static func word(_ text: String?, _ lengths: ClosedRange<Int>) -> String? {
        if let reason = self.text(text, lengths) { return reason }
        return text?.utf8.contains(UInt8(ascii: "/")) == true ? "must not contain '/'" : nil
    }

    /// An absolute URL (RFC 3986) without credentials; of any scheme when `schemes` is nil.
    static func url(_ url: String, schemes: [String]?) -> String? {
        guard (1...ImageRequest.urlBytesMax).contains(url.utf8.count) else {
            return "must have 1 to \(ImageRequest.urlBytesMax) bytes"
        }
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return "must be printable ASCII without spaces (percent-encode anything else)"
        }
        let parts = url.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let scheme = String(parts[0])
        guard parts.count == 2, !parts[1].isEmpty, isScheme(scheme) else {
            return "must be an absolute URL"
        }
        if let schemes, !schemes.contains(scheme) {
            return "the scheme must be one of \(schemes.joined(separator: ", "))"
        }
        return hierarchy(parts[1], scheme: scheme, isSource: schemes != nil)
    }

    private static func hierarchy(_ rest: Substring, scheme: String, isSource: Bool) -> String? {
        guard rest.hasPrefix("//") else { return isSource ? "must be an absolute URL" : nil }
        let authority = rest.dropFirst(2).prefix { !"/?#".contains($0) }
        if authority.contains("@") { return "must not contain credentials" }
        guard scheme != "file" else {
            let path = rest.dropFirst(2 + authority.count)
            let isLocal = authority.isEmpty || authority == "localhost"
            let isPath = path.first == "/" && path.count > 1
            return isLocal && isPath ? nil : "must be file:///PATH with an absolute path"
        }
        guard !authority.isEmpty, authority.first != ":" else { return "a host is required" }
        return nil
    }

    private static func isScheme(_ scheme: String) -> Bool {
        guard let first = scheme.utf8.first, (97...122).contains(first) else { return false }
        return scheme.utf8.allSatisfy { isAlphanumeric($0) || "+-.".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
