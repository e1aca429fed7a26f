// SPDX-License-Identifier: Apache-2.0

/// Reads and writes quantities as people give them in configuration.
public enum Quantity {
    private static let timeUnits: [(String, Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    private static let byteUnits: [(String, Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("B", 1), ("", 1),
    ]

    /// `250ms`, `30s`, `10m`, `1h`, `2d`; nil for anything else.
    public static func duration(_ text: String) -> Duration? {
        milliseconds(text).map { .milliseconds($0) }
    }

    /// As ``duration(_:)``, in milliseconds.
    public static func milliseconds(_ text: String) -> Int64? {
        let (digits, unit) = split(text)
        guard let number = Int64(digits), let factor = timeUnits.first(where: { $0.0 == unit })
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor.1)
        return overflow ? nil : product
    }

    /// `512KiB`, `10GiB` or plain digits; nil for anything else.
    public static func bytes(_ text: String) -> Int? {
        let (digits, unit) = split(text)
        guard let number = Int(digits), let factor = byteUnits.first(where: { $0.0 == unit })
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor.1)
        return overflow ? nil : product
    }

    /// The shortest exact text that ``duration(_:)`` reads back (milliseconds are kept).
    public static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        let unit = timeUnits.last { milliseconds % $0.1 == 0 && milliseconds >= $0.1 }
        guard let unit else { return "\(milliseconds)ms" }
        return "\(milliseconds / unit.1)\(unit.0)"
    }

    /// The shortest exact text that ``bytes(_:)`` reads back.
    public static func text(bytes: Int) -> String {
        let unit = byteUnits.prefix(4).last { bytes % $0.1 == 0 && bytes >= $0.1 }
        guard let unit else { return "\(bytes)" }
        return "\(bytes / unit.1)\(unit.0)"
    }

    private static func split(_ text: String) -> (digits: Substring, unit: Substring) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return (digits, text[digits.endIndex...])
    }
}
