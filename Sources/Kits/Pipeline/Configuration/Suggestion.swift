// SPDX-License-Identifier: Apache-2.0

/// Finds what a user may have meant.
enum Suggestion {
    /// The nearest name by edits, when it is near enough to be meant.
    static func nearest(to name: String, among names: [String]) -> String? {
        guard name.utf8.count <= 80 else { return nil }
        let ranked = names.map { ($0, distance(Array(name.utf8), Array($0.utf8))) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
        return best.1 <= max(2, name.utf8.count / 4) ? best.0 : nil
    }

    /// Levenshtein distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[right.count]
    }
}
