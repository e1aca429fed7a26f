// SPDX-License-Identifier: Apache-2.0

/// What XML 1.0 allows as text and names.
public enum XMLText {
    /// Throws unless every character is one of XML 1.0's `Char` (section 2.2).
    ///
    /// Carriage returns are allowed: they are written as a character reference.
    public static func check(_ text: String, field: String) throws(XMLDocumentsError) {
        for scalar in text.unicodeScalars where !isAllowed(scalar) {
            throw .invalidCharacter(field: field, scalar: scalar.value)
        }
    }

    public static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    /// White space of XML 1.0 (section 2.3).
    public static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        [0x20, 0x9, 0xA, 0xD].contains(scalar.value)
    }

    /// The text without white space at either end.
    public static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars.drop(while: isSpace)
        let end = scalars.lastIndex { !isSpace($0) }
        return end.map { String(String.UnicodeScalarView(scalars[...$0])) } ?? ""
    }

    /// The names this project writes: ASCII letters, digits, `-`, `.` and `_`.
    static func checkName(_ name: String) throws(XMLDocumentsError) {
        let isName =
            name.utf8.allSatisfy {
                ($0 | 0x20 >= 97 && $0 | 0x20 <= 122) || (48...57).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
                    || $0 == UInt8(ascii: "_")
            }
        guard isName, let first = name.utf8.first, first | 0x20 >= 97 || first == 95 else {
            throw .invalidName(name)
        }
    }
}
