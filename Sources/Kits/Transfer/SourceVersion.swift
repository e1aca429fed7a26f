// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// What tells one version of a source from another.
struct SourceVersion: Codable, Hashable {
    /// Where the bytes come from, after redirects.
    var url: String
    /// Scheme, host, port and path of ``url``: validators of two resources are not comparable.
    var resource: String
    /// A strong entity tag with its quotes (RFC 9110 section 8.8.3).
    var entityTag: String?
    /// A modification date: of HTTP as the field was, of FTP and files in numbers.
    var modified: String?
    /// Length of the whole file in bytes, when announced.
    var total: Int?

    private static let entityTagBytesMax = 256

    /// True when a later run can make sure that it gets the rest of the same bytes.
    var isResumable: Bool { entityTag != nil || modified != nil }

    /// What goes into `If-Range`.
    var httpValidator: String? { entityTag ?? modified }

    init(url: TransferURL, entityTag: String? = nil, modified: String? = nil, total: Int? = nil) {
        self.url = url.text
        resource = url.resource
        self.entityTag = entityTag
        self.modified = modified
        self.total = total
    }

    /// From a response with status 200.
    init(url: TransferURL, head: HTTPHead, total: Int?) {
        self.init(
            url: url, entityTag: Self.strongTag(head.value("etag")),
            modified: Self.strongDate(head), total: total)
    }

    /// `text` when it is a strong entity tag: a weak one does not promise the same bytes.
    static func strongTag(_ text: String?) -> String? {
        guard let text, (3...entityTagBytesMax).contains(text.utf8.count), text.hasPrefix("\""),
            text.hasSuffix("\""),
            text.utf8.dropFirst().dropLast().allSatisfy({ $0 > 0x20 && $0 != 0x22 && $0 < 0x7f })
        else { return nil }
        return text
    }

    /// `Last-Modified` when it is at least a second older than the response, which makes it a
    /// strong validator (RFC 9110 section 8.8.2.2).
    private static func strongDate(_ head: HTTPHead) -> String? {
        guard let text = head.value("last-modified"), let modified = httpDate(text),
            let date = head.value("date").flatMap(httpDate), date >= modified + 1
        else { return nil }
        return text
    }

    /// Seconds since 1970 of an IMF-fixdate (RFC 9110 section 5.6.7).
    static func httpDate(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        guard text.utf8.count == 29, words.count == 6, words[5] == "GMT",
            let month = months.firstIndex(where: { $0 == words[2] }),
            let day = Int(words[1]), let year = Int(words[3])
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3 else { return nil }
        var parts = DateComponents()
        (parts.year, parts.month, parts.day) = (year, month + 1, day)
        (parts.hour, parts.minute, parts.second) = (time[0], time[1], time[2])
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar.date(from: parts).map { Int($0.timeIntervalSince1970) }
    }
}

/// `Content-Range: bytes 100-199/200` (RFC 9110 section 14.4).
struct ContentRange: Hashable {
    var first: Int
    var last: Int
    /// Nil for `*`.
    var total: Int?

    init?(_ text: String?) {
        guard let text, text.lowercased().hasPrefix("bytes ") else { return nil }
        let sides = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count == 2 else { return nil }
        let ends = sides[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]),
            first <= last
        else { return nil }
        self.first = first
        self.last = last
        if sides[1] == "*" { return }
        guard let total = Self.number(sides[1]), last < total else { return nil }
        self.total = total
    }

    /// Digits only: `Int` alone would take a sign.
    static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}
