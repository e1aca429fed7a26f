// SPDX-License-Identifier: Apache-2.0

enum OpenPGPLines {
    /// The lines of a text without the blanks at their ends, which OpenPGP does not sign.
    static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            let end = line.lastIndex { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
            return line[..<(end.map { $0 + 1 } ?? line.startIndex)]
        }
    }
}
