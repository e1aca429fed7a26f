// SPDX-License-Identifier: Apache-2.0
public import Events

/// An entry as named texts, the common ground of the list's comments and the changelog.
enum EntryFields {
    static let keys = [
        "name", "version", "identifier", "requested", "publication", "endorser",
        "endorser-subject", "location", "document-sha256", waiverKey,
    ]
    /// The one key that an entry may have several times.
    static let waiverKey = "waived"
    /// Most pairs of one entry.
    static let countMax = keys.count - 1 + ImageRequest.waiversMax

    /// In the order of ``keys``; a field that is not there has no pair.
    static func pairs(
        of entry: UpdatedList.Entry, keepingSpaces: Bool
    ) -> [(key: String, value: String)] {
        let values: [String?] = [
            entry.name, entry.version, entry.identifier, entry.requestTime.description,
            entry.publication, entry.endorser, entry.endorserSubject, entry.location,
            entry.documentSHA256,
        ]
        let waivers = (entry.waivers ?? []).map { (waiverKey, $0.pair) }
        let pairs = zip(keys, values).compactMap { key, value in value.map { (key, $0) } }
        return (pairs + waivers).map { key, value in
            (key, PlainText.encode(value, keepingSpaces: keepingSpaces))
        }
    }

    /// Adds what one line or word says; false when it repeats what only one may say.
    ///
    /// Encoded values have no line feed, so one keeps those of a repeated key apart.
    static func add(_ value: String, as key: String, to fields: inout [String: String]) -> Bool {
        guard let known = fields[key] else {
            fields[key] = value
            return true
        }
        guard key == waiverKey else { return false }
        fields[key] = "\(known)\n\(value)"
        return true
    }

    /// Nil when a field is missing or breaks its rule.
    static func entry(from fields: [String: String]) -> UpdatedList.Entry? {
        let values = fields.mapValues(PlainText.decode)
        guard let name = values["name"], let identifier = values["identifier"],
            let requested = values["requested"].flatMap(Timestamp.init),
            let publication = values["publication"], let endorser = values["endorser"],
            let location = values["location"], let sha256 = values["document-sha256"],
            let waivers = waivers(fields[waiverKey])
        else { return nil }
        let entry = UpdatedList.Entry(
            name: name, version: values["version"], identifier: identifier,
            publication: publication, requestTime: requested, location: location,
            documentSHA256: sha256, endorser: endorser,
            endorserSubject: values["endorser-subject"],
            waivers: waivers.isEmpty ? nil : waivers)
        return entry.problem == nil ? entry : nil
    }

    /// Nil when one cannot be read.
    private static func waivers(_ text: String?) -> [Waiver]? {
        guard let text else { return [] }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let waivers = lines.compactMap { Waiver(pair: PlainText.decode(String($0))) }
        return waivers.count == lines.count ? waivers : nil
    }
}

/// Any text on one line of printable ASCII, reversibly: what else there is, is percent-encoded
/// (RFC 3986 section 2.1). So nobody's version or address can end a comment.
enum PlainText {
    static func encode(_ text: String, keepingSpaces: Bool) -> String {
        var result = ""
        let last = text.utf8.count - 1
        for (index, byte) in text.utf8.enumerated() {
            let isInnerSpace = byte == 32 && keepingSpaces && index != 0 && index != last
            if isInnerSpace || (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "%") {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }

    /// Undoes ``encode(_:keepingSpaces:)``; what is no such text comes back as it is.
    static func decode(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? text
    }
}

extension UpdatedList.Entry {
    /// The longest version and endorser in bytes.
    public static let textBytesMax = 512
    /// The longest distinguished name of an endorser in bytes.
    public static let subjectBytesMax = 1024

    /// The first thing that keeps this entry out of a list, or nil.
    public var problem: FieldProblem? {
        let checks: [(String, Bool, String)] = [
            ("name", Self.isName(name), "must be 1 to 128 of A-Z a-z 0-9 . _ + -"),
            (
                "version", (version ?? "").utf8.count <= Self.textBytesMax,
                "must have at most \(Self.textBytesMax) bytes"
            ),
            (
                "identifier",
                identifier.utf8.count == 27
                    && identifier.utf8.allSatisfy { $0.isAlphanumeric || "_-".utf8.contains($0) },
                "must be 27 of A-Z a-z 0-9 _ -"
            ),
            ("publication", Self.isUUID(publication), "must be a UUID in lower case"),
            (
                "location", Self.isLocation(location),
                "must be an http or https URL of at most \(ImageRequest.urlBytesMax) bytes"
            ),
            (
                "documentSHA256", Digests.isHex(documentSHA256, digits: 64),
                "must be 64 lower-case hexadecimal digits"
            ),
            (
                "endorser", (1...Self.textBytesMax).contains(endorser.utf8.count),
                "must have 1 to \(Self.textBytesMax) bytes"
            ),
            (
                "endorserSubject",
                (0...Self.subjectBytesMax).contains((endorserSubject ?? "").utf8.count),
                "must have at most \(Self.subjectBytesMax) bytes"
            ),
            (
                "waivers", (waivers ?? []).count <= ImageRequest.waiversMax,
                "must be at most \(ImageRequest.waiversMax)"
            ),
            (
                "waivers", (waivers ?? []).allSatisfy { $0.problem == nil },
                "must have the names of checks, and reasons in one line each"
            ),
        ]
        return checks.first { !$0.1 }.map { FieldProblem(field: $0.0, reason: $0.2) }
    }

    private static func isName(_ name: String) -> Bool {
        (1...ImageRequest.nameLengthMax).contains(name.utf8.count)
            && name.utf8.first?.isAlphanumeric == true
            && name.utf8.allSatisfy { $0.isAlphanumeric || "._+-".utf8.contains($0) }
    }

    private static func isUUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return zip(parts, [8, 4, 4, 4, 12]).allSatisfy { Digests.isHex(String($0), digits: $1) }
            && parts.count == 5
    }

    private static func isLocation(_ url: String) -> Bool {
        url.utf8.count <= ImageRequest.urlBytesMax
            && (url.hasPrefix("http://") || url.hasPrefix("https://"))
            && url.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

extension UInt8 {
    var isAlphanumeric: Bool {
        (48...57).contains(self) || (65...90).contains(self) || (97...122).contains(self)
    }
}

extension StringProtocol {
    /// What follows `prefix`; nil when the text does not begin with it.
    func suffix(after prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
