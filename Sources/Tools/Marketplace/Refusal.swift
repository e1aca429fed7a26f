// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// An answer other than success, with the text the original marketplace gives.
struct Refusal: Error, Sendable, Hashable {
    var status: Int
    var message: String
    var headers: [String: String] = [:]

    init(_ status: Int, _ message: String, headers: [String: String] = [:]) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    static let noMatch = Refusal(404, "no metadata matching query found")
    static let noEntry = Refusal(404, "metadata entry not found.\n")
    static let readOnly = Refusal(403, "read-only repository")
    static let olderThanLatest = Refusal(400, "invalid metadata: older than latest entry")
    static let conflict = Refusal(
        400, "invalid metadata: an entry of this image, endorser and date has other content")
    static let notAllowed = Refusal(400, "invalid metadata: endorser not allowed")
    static let confirmationFailed = Refusal(500, "error sending confirmation email")
    static let internalError = Refusal(500, "internal error")

    static func notOffered(_ what: String) -> Refusal { Refusal(404, "\(what) is not offered") }
    static func methodNotAllowed(_ allowed: String) -> Refusal {
        Refusal(405, "method not allowed", headers: ["allow": allowed])
    }

    /// The answer in the caller's preferred representation.
    func answer(to call: Call) -> Answer {
        var all = headers
        switch Media.ofError(for: call) {
        case .xml:
            all["content-type"] = "application/xml; charset=utf-8"
            let text = "\(Markup.header)<error>\(Markup.escape(message))</error>"
            return Answer(status: status, headers: all, body: .bytes(Array(text.utf8)))
        case .json:
            all["content-type"] = "application/json"
            let text = "{\(JSONText.quote(String(status))) : \(JSONText.quote(message))}"
            return Answer(status: status, headers: all, body: .bytes(Array(text.utf8)))
        case .html:
            return Page.error(status: status, message: message).answer(status, headers: all)
        }
    }
}

/// XML written by hand is only ever built from these.
enum Markup {
    static let header = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>"

    /// Character data or attribute value. Characters that XML 1.0 forbids become U+FFFD.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || (0xfffe...0xffff).contains(scalar.value):
                result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

enum JSONText {
    /// A JSON string with its quotes.
    static func quote(_ text: String) -> String { encode(text) }

    static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        guard let data = try? encoder.encode(value) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }
}
