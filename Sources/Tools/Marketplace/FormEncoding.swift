// SPDX-License-Identifier: Apache-2.0
import URLText

/// The parts of a URL, and the forms, that the marketplace reads and writes.
enum FormEncoding {
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

    private static func encode(_ text: String, keeping more: String) -> String {
        PercentEncoding.encode(text) {
            PercentEncoding.isUnreserved($0) || more.utf8.contains($0)
        }
    }

    private static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        guard plusIsSpace else { return PercentEncoding.decodeText(text) }
        let spaced = text.utf8.lazy.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return PercentEncoding.decode(spaced).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
