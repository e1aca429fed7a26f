// SPDX-License-Identifier: Apache-2.0

/// A version as dpkg writes it: `[EPOCH:]UPSTREAM[-REVISION]` (Debian Policy section 5.6.12).
struct DebianVersion: Sendable {
    private let epoch: ArraySlice<UInt8>
    private let upstream: ArraySlice<UInt8>
    private let revision: ArraySlice<UInt8>

    init(_ text: String) {
        var rest = Array(text.utf8)[...]
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            epoch = rest[..<colon]
            rest = rest[(colon + 1)...]
        } else {
            epoch = []
        }
        let dash = rest.lastIndex(of: UInt8(ascii: "-"))
        upstream = rest[..<(dash ?? rest.endIndex)]
        revision = dash.map { rest[($0 + 1)...] } ?? []
    }

    func order(_ other: DebianVersion) -> VersionOrder {
        VersionOrder.ofNumbers(epoch, other.epoch)
            .then(Self.order(upstream, other.upstream))
            .then(Self.order(revision, other.revision))
    }

    /// Compares what is no number and then the number behind it, again and again.
    private static func order(_ one: ArraySlice<UInt8>, _ two: ArraySlice<UInt8>) -> VersionOrder {
        var one = one
        var two = two
        while !one.isEmpty || !two.isEmpty {
            while (one.first.map { !$0.isDigit } ?? false)
                || (two.first.map { !$0.isDigit } ?? false)
            {
                let order = VersionOrder.of(weight(one.first), weight(two.first))
                if order != .same { return order }
                one = one.dropFirst()
                two = two.dropFirst()
            }
            let numbers = (one.prefix(while: \.isDigit), two.prefix(while: \.isDigit))
            let order = VersionOrder.ofNumbers(numbers.0, numbers.1)
            if order != .same { return order }
            one = one.dropFirst(numbers.0.count)
            two = two.dropFirst(numbers.1.count)
        }
        return .same
    }

    /// A tilde comes before the end, that before letters, and those before everything else. A
    /// digit counts as the end: the part without numbers ends there.
    private static func weight(_ byte: UInt8?) -> Int {
        switch byte {
        case nil: 0
        case .some(let byte) where byte.isDigit: 0
        case UInt8(ascii: "~"): -1
        case .some(let byte) where byte.isLetter: Int(byte)
        case .some(let byte): Int(byte) + 256
        }
    }
}
