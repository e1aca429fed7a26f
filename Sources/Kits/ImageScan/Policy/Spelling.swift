// SPDX-License-Identifier: Apache-2.0

/// Finds what somebody may have meant.
enum Spelling {
    /// Longer words are not compared.
    private static let lengthMax = 64

    /// The known word that takes the fewest changed letters; nil when it takes too many.
    static func nearest(to word: String, among words: [String]) -> String? {
        let letters = Array(word.lowercased().unicodeScalars.prefix(lengthMax + 1))
        guard letters.count <= lengthMax else { return nil }
        let distances = words.map { (distance(letters, Array($0.unicodeScalars)), $0) }
        guard let best = distances.min(by: { $0.0 < $1.0 }), best.0 <= max(2, letters.count / 3)
        else { return nil }
        return best.1
    }

    /// Levenshtein's: insertions, deletions and replacements.
    private static func distance(_ one: [Unicode.Scalar], _ two: [Unicode.Scalar]) -> Int {
        var row = Array(0...two.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in two.indices {
                let replaced = diagonal + (letter == two[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[two.count]
    }
}
