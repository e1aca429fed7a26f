// SPDX-License-Identifier: Apache-2.0
public import Events
import Signatures

/// JSON of which equal values have equal bytes (RFC 8785), so that a digest can name a value.
public enum CanonicalJSON {
    /// The largest integer of which JSON's readers agree (RFC 7493 section 2.2).
    private static let integerMax: UInt64 = 1 << 53

    /// - Throws: ``AttestationError/notCanonical(_:)`` for a number that not every reader of JSON
    ///   takes for the same.
    public static func bytes(of value: JSONValue) throws(AttestationError) -> [UInt8] {
        var bytes: [UInt8] = []
        try append(value, to: &bytes)
        return bytes
    }

    /// SHA-256 of ``bytes(of:)``, in lower-case hexadecimal.
    public static func sha256(of value: JSONValue) throws(AttestationError) -> String {
        Digest.hex(Digest.sha256(try bytes(of: value)))
    }

    /// The same of what a value is written as in events, such as a `Modification`.
    public static func sha256(encoding value: some Encodable) throws(AttestationError) -> String {
        let json: JSONValue
        do {
            json = try EventCoding.value(of: value)
        } catch {
            throw .notCanonical(EventCoding.describe(error))
        }
        return try sha256(of: json)
    }

    private static func append(
        _ value: JSONValue, to bytes: inout [UInt8]
    ) throws(AttestationError) {
        switch value {
        case .null: bytes += "null".utf8
        case .boolean(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value):
            guard value.magnitude <= integerMax else { throw tooLarge(value) }
            bytes += "\(value)".utf8
        case .unsigned(let value):
            guard value <= integerMax else { throw tooLarge(value) }
            bytes += "\(value)".utf8
        case .number(let value): bytes += try text(of: value).utf8
        case .string(let text): append(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                try append(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members): try append(members, to: &bytes)
        }
    }

    /// Section 3.2.3: members in the order of their names' UTF-16 code units.
    private static func append(
        _ members: [String: JSONValue], to bytes: inout [UInt8]
    ) throws(AttestationError) {
        let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in sorted.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(member.key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            try append(member.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Section 3.2.2.2.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x20: bytes += "\\u00\(Digest.hex([byte]))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func tooLarge(_ value: some BinaryInteger) -> AttestationError {
        .notCanonical("the number \(value) is not one that every reader of JSON can hold")
    }

    /// Section 3.2.2.3: as ECMAScript writes a number (ECMA-262, `Number::toString`). Swift finds
    /// the same shortest digits and only places them otherwise.
    private static func text(of value: Double) throws(AttestationError) -> String {
        guard value.isFinite else { throw .notCanonical("\(value) is not a number of JSON") }
        guard value != 0 else { return "0" }
        let parts = "\(value.magnitude)".split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        var digits = mantissa.joined()
        // Where the point stands, counted from the first digit.
        var point = mantissa[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        let leading = digits.prefix { $0 == "0" }.count
        digits = String(digits.dropFirst(leading))
        point -= leading
        while digits.last == "0" { digits.removeLast() }
        return (value < 0 ? "-" : "") + placed(digits, point)
    }

    private static func placed(_ digits: String, _ point: Int) -> String {
        let count = digits.count
        func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
        switch point {
        case count...21 where count <= 21: return digits + zeros(point - count)
        case 1...21: return "\(digits.prefix(point)).\(digits.dropFirst(point))"
        case -5...0: return "0." + zeros(-point) + digits
        default:
            let exponent = (point > 0 ? "+" : "-") + "\((point - 1).magnitude)"
            let rest = digits.dropFirst()
            return rest.isEmpty
                ? "\(digits)e\(exponent)" : "\(digits.prefix(1)).\(rest)e\(exponent)"
        }
    }
}
