// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A configuration file of two levels whose settings may be commented out: `#key: value`, without
/// the space that a sentence has behind its mark.
struct AnnotatedFile {
    struct Entry {
        var key: String
        var value: String
        /// The sentences above it, on one line.
        var comment: String
        var isCommentedOut: Bool

        /// As it would be given in a flag: a list's items with commas.
        var plainValue: String {
            guard value.hasPrefix("["), value.hasSuffix("]") else { return value }
            return value.dropFirst().dropLast().split(separator: ",")
                .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \"")) }
                .joined(separator: ",")
        }
    }

    private(set) var entries: [Entry] = []
    /// The same file with everything in effect.
    let withoutCommentMarks: String

    init(_ text: String) {
        let lines = text.components(separatedBy: "\n")
        withoutCommentMarks = lines.map { line in
            Self.isSetting(line) ? line.replacing("#", with: "", maxReplacements: 1) : line
        }.joined(separator: "\n")
        var section = ""
        var comment: [String] = []
        for line in lines {
            let words = line.trimmingCharacters(in: .whitespaces)
            guard let (key, value, isCommentedOut) = Self.setting(words) else {
                if words.hasPrefix("# ") { comment.append(String(words.dropFirst(2))) }
                if words.isEmpty { comment = [] }
                continue
            }
            if value.isEmpty {
                section = key
            } else {
                let isBelow = line.hasPrefix(" ")
                entries.append(
                    Entry(
                        key: isBelow ? "\(section).\(key)" : key, value: value,
                        comment: comment.joined(separator: " "), isCommentedOut: isCommentedOut))
            }
            comment = []
        }
    }

    private static func isSetting(_ line: String) -> Bool {
        setting(line.trimmingCharacters(in: .whitespaces))?.isCommentedOut == true
    }

    private static func setting(
        _ line: String
    ) -> (key: String, value: String, isCommentedOut: Bool)? {
        guard let match = line.wholeMatch(of: /(#?)([a-z][a-z0-9-]*):(?: (.*))?/) else {
            return nil
        }
        return (String(match.2), String(match.3 ?? ""), !match.1.isEmpty)
    }
}
