// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
public import Logging

/// Where log lines go and how they look.
public enum LogFormat: Sendable, Hashable {
    /// `2026-01-31T12:00:00Z info  fetcher  done publication=…`
    case text
    /// One JSON object a line.
    case json

    /// The setting `log.format`: text on a terminal, JSON otherwise, when it says `auto`.
    public init(setting: String) {
        switch setting {
        case "text": self = .text
        case "json": self = .json
        default: self = isatty(STDERR_FILENO) == 1 ? .text : .json
        }
    }
}

/// Writes log lines to standard error, each in one piece.
public struct LineLogHandler: LogHandler {
    /// Longest text of a value or message in one line, in characters.
    static let textMax = 4000

    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level
    private let label: String
    private let format: LogFormat
    private let write: @Sendable (String) -> Void

    public init(
        label: String, level: Logger.Level, format: LogFormat,
        write: @escaping @Sendable (String) -> Void = LineLogHandler.standardError
    ) {
        self.label = label
        self.logLevel = level
        self.format = format
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        let pairs = all.sorted { $0.key < $1.key }
            .map { ($0.key, String($0.value.description.prefix(Self.textMax))) }
        let message = String(event.message.description.prefix(Self.textMax))
        let time = Self.now
        write(
            format == .json
                ? json(time, event.level, message, pairs)
                : text(time, event.level, message, pairs))
    }

    /// The wall clock as RFC 3339 in UTC, with milliseconds.
    private static var now: String {
        var time = timespec()
        // The pointer is used within the call it is lent for.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        let fraction = String(1000 + time.tv_nsec / 1_000_000).dropFirst()
        return "\(Timestamp(seconds: Int64(time.tv_sec)).description.dropLast()).\(fraction)Z"
    }

    private func json(
        _ time: String, _ level: Logger.Level, _ message: String, _ pairs: [(String, String)]
    ) -> String {
        let fields =
            [("time", time), ("level", level.rawValue), ("worker", label), ("message", message)]
            + pairs
        return "{" + fields.map { "\(Self.quoted($0)):\(Self.quoted($1))" }.joined(separator: ",")
            + "}\n"
    }

    private func text(
        _ time: String, _ level: Logger.Level, _ message: String, _ pairs: [(String, String)]
    ) -> String {
        let name = level.rawValue.padding(to: 8)
        let fields = pairs.map { key, value in
            " \(key)="
                + (value.allSatisfy(Self.isPlain) && !value.isEmpty ? value : Self.quoted(value))
        }
        return "\(time) \(name) \(label): \(Self.printable(message))\(fields.joined())\n"
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && !character.isWhitespace && character != "\"" && character != "="
            && character.asciiValue.map { $0 > 0x20 && $0 < 0x7f } == true
    }

    /// Input may hold line ends and terminal sequences; no log line does.
    private static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.map {
                $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) ? " " : Character($0)
            })
    }

    /// A JSON string (RFC 8259, section 7).
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    /// One `write` for one line, so that lines of several tasks do not mix.
    public static let standardError: @Sendable (String) -> Void = { line in
        var line = line
        line.withUTF8 { bytes in
            // The pointer is used within the call it is lent for.
            _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(width - count, 0))
    }
}
