// SPDX-License-Identifier: Apache-2.0

/// How two versions stand to each other.
enum VersionOrder: Sendable, Hashable {
    /// The first one is older.
    case ascending
    case same
    case descending

    static func of<Value: Comparable>(_ one: Value, _ two: Value) -> VersionOrder {
        one < two ? .ascending : one == two ? .same : .descending
    }

    /// Two numbers in decimal digits, however long.
    static func ofNumbers(_ one: ArraySlice<UInt8>, _ two: ArraySlice<UInt8>) -> VersionOrder {
        let one = one.drop { $0 == UInt8(ascii: "0") }
        let two = two.drop { $0 == UInt8(ascii: "0") }
        return one.count == two.count ? ofText(one, two) : of(one.count, two.count)
    }

    /// Two texts, byte by byte; what another begins with is older.
    static func ofText(_ one: ArraySlice<UInt8>, _ two: ArraySlice<UInt8>) -> VersionOrder {
        if one.elementsEqual(two) { return .same }
        return one.lexicographicallyPrecedes(two) ? .ascending : .descending
    }

    /// This order, or the other when this says nothing.
    func then(_ other: @autoclosure () -> VersionOrder) -> VersionOrder {
        self == .same ? other() : self
    }
}

extension GuestFacts.Packages.Manager {
    /// The order of two versions by this package manager's own rules.
    func order(_ one: String, _ two: String) -> VersionOrder {
        switch self {
        case .dpkg: DebianVersion(one).order(DebianVersion(two))
        case .rpm: RPMVersion(one).order(RPMVersion(two))
        case .apk: AlpineVersion.order(one, two)
        }
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLowerCase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isLetter: Bool { (self | 0x20).isLowerCase }
}
