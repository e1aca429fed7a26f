// SPDX-License-Identifier: Apache-2.0

/// Text of others, made fit for a line of a report or a terminal.
enum PlainText {
    /// One line without anything invisible: white space becomes a space, other control and format
    /// characters their escape, such as `\u{1b}`. Longer text is cut and ends in an ellipsis.
    static func line(_ text: String, lengthMax: Int) -> String {
        var line = ""
        var length = 0
        for scalar in text.unicodeScalars {
            guard length < lengthMax else { return line + "…" }
            let piece = visible(scalar)
            line += piece
            length += piece.unicodeScalars.count
        }
        return line
    }

    private static func visible(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control where "\t\n\r".unicodeScalars.contains(scalar): " "
        case .lineSeparator, .paragraphSeparator: " "
        case .control, .format, .privateUse, .unassigned:
            "\\u{\(String(scalar.value, radix: 16))}"
        default: String(scalar)
        }
    }
}
