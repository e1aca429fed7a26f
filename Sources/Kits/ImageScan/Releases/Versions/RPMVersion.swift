// SPDX-License-Identifier: Apache-2.0

/// A version as rpm writes it: `[EPOCH:]VERSION[-RELEASE]`, compared as rpm-version(7) says.
struct RPMVersion: Sendable {
    private let epoch: ArraySlice<UInt8>
    private let version: ArraySlice<UInt8>
    private let release: ArraySlice<UInt8>?

    init(_ text: String) {
        var rest = Array(text.utf8)[...]
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            // Queries write `(none)` for no epoch, which counts as 0.
            epoch = rest[..<colon].allSatisfy(\.isDigit) ? rest[..<colon] : []
            rest = rest[(colon + 1)...]
        } else {
            epoch = []
        }
        let dash = rest.lastIndex(of: UInt8(ascii: "-"))
        version = rest[..<(dash ?? rest.endIndex)]
        release = dash.map { rest[($0 + 1)...] }
    }

    /// Releases count when both versions have one.
    func order(_ other: RPMVersion) -> VersionOrder {
        VersionOrder.ofNumbers(epoch, other.epoch)
            .then(Self.order(version, other.version))
            .then(
                release.flatMap { release in
                    other.release.map { Self.order(release, $0) }
                } ?? .same)
    }

    /// Compares runs of digits and of letters; what is between them only separates. A tilde comes
    /// before everything, also the end; a caret behind the end and before everything else.
    private static func order(_ one: ArraySlice<UInt8>, _ two: ArraySlice<UInt8>) -> VersionOrder {
        var one = one
        var two = two
        while true {
            one = one.drop(while: isSeparator)
            two = two.drop(while: isSeparator)
            if let order = mark(UInt8(ascii: "~"), one.first, two.first) {
                if order != .same { return order }
            } else if let order = caret(one.first, two.first) {
                if order != .same { return order }
            } else {
                guard let first = one.first, let second = two.first else { break }
                guard first.isDigit == second.isDigit else {
                    // Numbers are newer than letters.
                    return first.isDigit ? .descending : .ascending
                }
                let runs = (run(one), run(two))
                let order =
                    first.isDigit
                    ? VersionOrder.ofNumbers(runs.0, runs.1) : VersionOrder.ofText(runs.0, runs.1)
                if order != .same { return order }
                one = one.dropFirst(runs.0.count)
                two = two.dropFirst(runs.1.count)
                continue
            }
            one = one.dropFirst()
            two = two.dropFirst()
        }
        return VersionOrder.of(one.isEmpty ? 0 : 1, two.isEmpty ? 0 : 1)
    }

    /// The order when one of both begins with `mark`; nil when none does.
    private static func mark(
        _ mark: UInt8, _ one: UInt8?, _ two: UInt8?
    ) -> VersionOrder? {
        switch (one == mark, two == mark) {
        case (true, true): .same
        case (true, false): .ascending
        case (false, true): .descending
        case (false, false): nil
        }
    }

    private static func caret(_ one: UInt8?, _ two: UInt8?) -> VersionOrder? {
        let caret = UInt8(ascii: "^")
        switch (one == caret, two == caret) {
        case (true, true): return .same
        case (true, false): return two == nil ? .descending : .ascending
        case (false, true): return one == nil ? .ascending : .descending
        case (false, false): return nil
        }
    }

    private static func run(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        text.first?.isDigit == true ? text.prefix(while: \.isDigit) : text.prefix(while: \.isLetter)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        !byte.isDigit && !byte.isLetter && byte != UInt8(ascii: "~") && byte != UInt8(ascii: "^")
    }
}
