// SPDX-License-Identifier: Apache-2.0

/// Guesses what a user meant by an unknown name.
package enum Suggestion {
    private static let nameBytesMax = 80

    /// The known name with the fewest edits, when they are few enough for it to be meant. Case,
    /// `-` and `_` do not count.
    package static func nearest(to name: String, among known: [String]) -> String? {
        guard name.utf8.count <= nameBytesMax else { return nil }
        let plain = letters(name)
        let ranked = known.map { (name: $0, distance: distance(plain, letters($0))) }
        let best = ranked.min { $0.distance < $1.distance }
        let distanceMax = min(max(2, plain.count / 4), plain.count / 2)
        return best.flatMap { $0.distance <= distanceMax ? $0.name : nil }
    }

    private static func letters(_ name: String) -> [UInt8] {
        name.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
    }

    /// Levenshtein distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, b) in right.enumerated() {
                let change = diagonal + (a == b ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
