// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// What a guest's text file says, line by line.
struct GuestText: Sendable {
    /// A line with its number, counted from 1.
    struct Line: Sendable {
        let number: Int
        let text: Substring

        /// Without white space at both ends; nil when nothing is left or a comment begins.
        var statement: Substring? {
            let statement = text.trimmed
            return statement.isEmpty || statement.hasPrefix("#") ? nil : statement
        }
    }

    let lines: [Line]

    /// Bytes that are no UTF-8 become replacement characters. A line ends at a NUL, as it does
    /// for the C programs that read it in the guest.
    init(_ bytes: some Collection<UInt8>) {
        let pieces = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        lines = pieces.enumerated().map { index, piece in
            Line(
                number: index + 1,
                text: String(decoding: piece.prefix { $0 != 0 }, as: UTF8.self)[...])
        }
    }

    init(_ text: String) {
        self.init(Array(text.utf8))
    }
}

extension Substring {
    /// Without white space at both ends.
    var trimmed: Substring {
        var rest = self.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
