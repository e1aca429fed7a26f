// SPDX-License-Identifier: Apache-2.0

/// A pattern of absolute paths: `*` stands for any characters of one component, a component `**`
/// for any number of components, also none. Everything else stands for itself.
struct Glob: Sendable {
    private let components: [[UInt8]]
    /// What stands before the first wildcard, to tell most paths at once.
    private let prefix: [UInt8]
    private static let anyDepth = Array("**".utf8)

    init(_ pattern: String) {
        components = Self.split(pattern)
        let plain = components.prefix { !$0.contains(UInt8(ascii: "*")) }
        prefix = plain.flatMap { [UInt8(ascii: "/")] + $0 }
    }

    func matches(_ path: String) -> Bool {
        guard path.utf8.starts(with: prefix) else { return false }
        return Self.matches(
            Self.split(path)[...], components[...], isWildcard: { $0 == Self.anyDepth },
            isEqual: Self.matchesComponent)
    }

    private static func split(_ path: String) -> [[UInt8]] {
        path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
    }

    private static func matchesComponent(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
        matches(
            name[...], pattern[...], isWildcard: { $0 == UInt8(ascii: "*") }, isEqual: ==)
    }

    /// Matches with wildcards that stand for any number of elements, in time that grows with the
    /// product of both lengths at most: only the last wildcard is ever tried again.
    private static func matches<Element>(
        _ text: ArraySlice<Element>, _ pattern: ArraySlice<Element>,
        isWildcard: (Element) -> Bool, isEqual: (Element, Element) -> Bool
    ) -> Bool {
        var place = text.startIndex
        var index = pattern.startIndex
        var retry: (place: Int, index: Int)?
        while place < text.endIndex {
            if index < pattern.endIndex, isWildcard(pattern[index]) {
                retry = (place, index)
                index += 1
            } else if index < pattern.endIndex, isEqual(text[place], pattern[index]) {
                place += 1
                index += 1
            } else if let last = retry {
                place = last.place + 1
                index = last.index + 1
                retry?.place += 1
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy(isWildcard)
    }
}
