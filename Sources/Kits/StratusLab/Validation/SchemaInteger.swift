// SPDX-License-Identifier: Apache-2.0
internal import XMLDocuments

/// How XML Schema writes non-negative integers: white space around them does not count, and zeros
/// and a plus sign may lead (XML Schema part 2, section 3.3.20).
enum SchemaInteger {
    /// nil when it is not one, or more than 64 bits hold.
    static func value(of text: String) -> Int? {
        isNonNegative(text) ? Int(XMLText.trimmed(text)) : nil
    }

    static func isNonNegative(_ text: String) -> Bool {
        var digits = XMLText.trimmed(text)[...]
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return false
        }
        // "-0" is zero.
        return !isNegative || digits.allSatisfy { $0 == "0" }
    }
}
