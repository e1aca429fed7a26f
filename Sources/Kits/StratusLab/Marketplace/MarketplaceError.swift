// SPDX-License-Identifier: Apache-2.0
public import Transfer

/// Why a marketplace could not be used. A document that it refuses is not among these: see
/// ``MarketplaceUpload/refused(_:)``.
public enum MarketplaceError: Error, Sendable, Hashable {
    /// The configured URL.
    case invalidURL(String)
    /// The document exceeds ``MarketplaceClient/documentBytesMax``.
    case documentTooLarge(bytes: Int)
    /// 403, such as "read-only repository": the URL names a replica or the server is closed. The
    /// operator has to act; the document is not at fault.
    case forbidden(String)
    /// 401: credentials are missing or wrong.
    case unauthorized
    /// 5xx, 408, 425 or 429: the server is in trouble or busy.
    case unavailable(status: Int, reason: String)
    /// An answer that the protocol does not know here: the URL is probably not a marketplace's.
    case unexpected(status: Int, reason: String)
    /// No answer at all.
    case transfer(TransferError)
}

extension MarketplaceError {
    /// True when the same call may succeed later, if only after the operator acted.
    public var isTransient: Bool {
        switch self {
        case .invalidURL, .documentTooLarge: false
        // A time-out, a private address or a certificate is the operator's matter, never the
        // document's.
        case .forbidden, .unauthorized, .unavailable, .unexpected, .transfer: true
        }
    }

    init(_ response: HTTPResponse) {
        let reason = Self.reason(in: response)
        switch response.status {
        case 401: self = .unauthorized
        case 403: self = .forbidden(reason)
        case 408, 425, 429, 500...599:
            self = .unavailable(status: response.status, reason: reason)
        default: self = .unexpected(status: response.status, reason: reason)
        }
    }

    static let reasonCharactersMax = 500

    /// The message of an error body: the text of `<error>` (which the original does not escape),
    /// the value of a JSON object, or the text itself; one line, without control characters.
    static func reason(in response: HTTPResponse) -> String {
        let text = String(decoding: response.body.prefix(64 * 1024), as: UTF8.self)
        var message = Substring(text)
        if let start = text.firstRange(of: "<error>"),
            let end = text[start.upperBound...].firstRange(of: "</error>")
        {
            message = text[start.upperBound..<end.lowerBound]
        } else if let mark = text.firstRange(of: "\" : \""), text.first == "{",
            let end = text.lastIndex(of: "\""), end > mark.upperBound
        {
            message = text[mark.upperBound..<end]
        } else if text.contains("<") {
            message = ""
        }
        let line = unescape(message).split { $0.isWhitespace || $0.isNewline }
            .joined(separator: " ")
        let clean = String(line.unicodeScalars.filter { $0.properties.generalCategory != .control })
        return clean.isEmpty
            ? "status \(response.status)" : String(clean.prefix(reasonCharactersMax))
    }

    private static func unescape(_ text: Substring) -> String {
        var result = String(text)
        for (entity, character) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"),
            ("&amp;", "&"),
        ] {
            result = result.replacing(entity, with: character)
        }
        return result
    }
}

extension MarketplaceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidURL(let reason): reason
        case .documentTooLarge(let bytes):
            "the document of \(bytes) bytes exceeds the limit of "
                + "\(MarketplaceClient.documentBytesMax) bytes"
        case .forbidden(let reason):
            "the marketplace forbids uploads (403: \(reason)): it may be a read-only replica; "
                + "set uploader.marketplace-url to the one that accepts them"
        case .unauthorized: "the marketplace wants other credentials (401)"
        case .unavailable(let status, let reason):
            "the marketplace is not available (\(status): \(reason))"
        case .unexpected(let status, let reason):
            "the marketplace gave an answer that its protocol does not know (\(status): "
                + "\(reason)); is the URL right?"
        case .transfer(let error): "no answer from the marketplace: \(error)"
        }
    }
}
