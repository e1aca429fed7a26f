// SPDX-License-Identifier: Apache-2.0

/// A request as the marketplace sees it, without the HTTP library's types.
struct Call: Sendable {
    var method: Method
    /// Path components, percent-decoded; empty ones dropped, so a trailing slash means nothing.
    var path: [String] = []
    /// Query parameters, decoded as a form; of a repeated name the first.
    var query: [String: String] = [:]
    /// Header fields by lower-case name.
    var headers: [String: String] = [:]
    /// The body of a POST, bounded by the adapter.
    var body: [UInt8] = []

    enum Method: Sendable, Hashable {
        case get, post, other(String)
    }

    /// The content type without parameters, in lower case.
    var contentType: String? {
        headers["content-type"].map { HeaderValue($0).value.lowercased() }
    }
}

/// What goes back.
struct Answer: Sendable {
    var status: Int
    var headers: [String: String] = [:]
    var body: Body

    enum Body: Sendable {
        case bytes([UInt8])
        /// Written piece by piece, for listings of any length.
        case pieces(@Sendable (_ write: Writer) async throws -> Void)
    }

    typealias Writer = (String) async throws -> Void

    static func text(_ status: Int, _ text: String, headers: [String: String] = [:]) -> Answer {
        var all = headers
        all["content-type"] = "text/plain; charset=utf-8"
        return Answer(status: status, headers: all, body: .bytes(Array(text.utf8)))
    }
}

/// A header value with parameters, such as `multipart/form-data; boundary=x` (RFC 9110 5.6.6).
struct HeaderValue: Sendable, Hashable {
    var value: String
    /// By lower-case name, quotes removed.
    var parameters: [String: String] = [:]

    init(_ text: String) {
        var parts = Self.split(text, at: ";").makeIterator()
        value = Self.trim(parts.next() ?? "")
        while let part = parts.next() {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let name = Self.trim(String(part[..<equals])).lowercased()
            let raw = Self.trim(String(part[part.index(after: equals)...]))
            if parameters[name] == nil { parameters[name] = Self.unquote(raw) }
        }
    }

    /// Splits outside quoted strings.
    static func split(_ text: String, at separator: Character) -> [String] {
        var parts: [String] = []
        var current = ""
        var quoted = false
        var escaped = false
        for character in text {
            if character == separator && !quoted {
                parts.append(current)
                current = ""
                continue
            }
            if character == "\"" && !escaped { quoted.toggle() }
            escaped = quoted && character == "\\" && !escaped
            current.append(character)
        }
        return parts + [current]
    }

    private static func trim(_ text: String) -> String {
        let space: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = text.firstIndex(where: { !space($0) }),
            let last = text.lastIndex(where: { !space($0) })
        else { return "" }
        return String(text[first...last])
    }

    private static func unquote(_ text: String) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        var result = ""
        var escaped = false
        for character in text.dropFirst().dropLast() {
            if character == "\\" && !escaped {
                escaped = true
            } else {
                result.append(character)
                escaped = false
            }
        }
        return result
    }
}
