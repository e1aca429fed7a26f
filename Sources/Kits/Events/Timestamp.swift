// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A moment in UTC with a resolution of one second, written `yyyy-MM-ddTHH:mm:ssZ`.
///
/// That is the RFC 3339 subset which StratusLab documents and CloudEvents share. Reading accepts
/// any RFC 3339 date-time (an offset is converted, a fraction dropped) of the years 1970 to 9999.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z; never negative.
    public let seconds: Int64

    private static let secondsMax: Int64 = 253_402_300_799

    /// - Parameter seconds: since 1970-01-01T00:00:00Z, clamped to the years 1970 to 9999.
    public init(seconds: Int64) {
        self.seconds = min(max(seconds, 0), Self.secondsMax)
    }

    /// The wall clock, for requests and logs; never for a document's content.
    public static var now: Timestamp {
        Timestamp(seconds: Int64(Date().timeIntervalSince1970))
    }

    /// Reads an RFC 3339 date-time; nil when it is not one.
    public init?(_ text: String) {
        guard text.utf8.count <= 40 else { return nil }
        let plain = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? plain.parse(text)) ?? (try? fractional.parse(text)) else {
            return nil
        }
        let seconds = date.timeIntervalSince1970.rounded(.down)
        guard seconds >= 0, seconds <= Double(Self.secondsMax) else { return nil }
        self.init(seconds: Int64(seconds))
    }

    public func adding(days: Int) -> Timestamp {
        Timestamp(seconds: seconds + Int64(days) * 86_400)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.seconds < right.seconds
    }
}

extension Timestamp: CustomStringConvertible {
    public var description: String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(Date.ISO8601FormatStyle())
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not an RFC 3339 date-time: \(text.prefix(40))")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
