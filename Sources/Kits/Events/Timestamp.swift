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
        guard text.utf8.count <= 40, Self.beginsWithDay(text) else { return nil }
        let plain = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? plain.parse(text)) ?? (try? fractional.parse(text)) else {
            return nil
        }
        let seconds = date.timeIntervalSince1970.rounded(.down)
        guard seconds >= 0, seconds <= Double(Self.secondsMax) else { return nil }
        self.init(seconds: Int64(seconds))
    }

    /// Whether `yyyy-MM-dd` at the beginning is a day of the calendar: Foundation takes 30 February
    /// for 2 March.
    private static func beginsWithDay(_ text: String) -> Bool {
        let parts = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], let year = Int(parts[0]),
            let month = Int(parts[1]), let day = Int(parts[2])
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains(month) && (1...lengths[month - 1]).contains(day)
    }

    public func adding(days: Int) -> Timestamp {
        Timestamp(seconds: seconds + Int64(days) * 86_400)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.seconds < right.seconds
    }
}

extension Timestamp: CustomStringConvertible {
    // Written without Foundation's formatters, which open calendars and time zones for it: a few
    // MiB in a worker that otherwise needs neither.
    public var description: String {
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let date = Self.date(ofDay: days)
        let time = [rest / 3600, rest / 60 % 60, rest % 60].map(Self.twoDigits)
        return "\(date.year)-\(Self.twoDigits(date.month))-\(Self.twoDigits(date.day))"
            + "T\(time[0]):\(time[1]):\(time[2])Z"
    }

    /// The Gregorian date of a day since 1970-01-01, counted in years that begin in March, so that
    /// the leap day is the last of its year.
    private static func date(
        ofDay day: Int64
    ) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (day + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        return (
            era * 400 + yearOfEra + (month < 10 ? 0 : 1), month < 10 ? month + 3 : month - 9,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }

    private static func twoDigits(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
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
