// SPDX-License-Identifier: Apache-2.0

/// Percent-encoding of URLs (RFC 3986 2.1) and of forms.
enum PercentEncoding {
    /// Decodes one path component; nil when it is not valid or not UTF-8.
    static func decodePath(_ text: some StringProtocol) -> String? {
        decode(text, plusIsSpace: false)
    }

    /// Parses `a=b&c=d`; of a repeated name the first value counts, undecodable pairs are dropped.
    static func decodeForm(_ text: some StringProtocol) -> [String: String] {
        var result: [String: String] = [:]
        for pair in text.split(separator: "&").prefix(fieldsMax) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(parts[0], plusIsSpace: true),
                let value = decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { continue }
            if result[name] == nil { result[name] = value }
        }
        return result
    }

    static func encodeForm(_ fields: [(String, String)]) -> String {
        fields.map { "\(encode($0.0, keeping: ""))=\(encode($0.1, keeping: ""))" }
            .joined(separator: "&")
    }

    /// Encodes a path component; what RFC 3986 allows in one and URLs of entries hold stays.
    static func encodePath(_ text: String) -> String { encode(text, keeping: "@:") }

    private static let fieldsMax = 128
    private static let unreserved = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    private static func encode(_ text: String, keeping more: String) -> String {
        var result = ""
        for byte in text.utf8 {
            if unreserved.contains(byte) || more.utf8.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }

    private static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit),
                    let low = rest.popFirst().flatMap(digit)
                else { return nil }
                bytes.append(high * 16 + low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
