// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// Text in mail header fields: as it is when it is plain, as encoded words (RFC 2047) otherwise.
enum HeaderEncoding {
    /// RFC 2047 section 2: an encoded word has at most 75 characters, of which 12 are its frame
    /// `=?utf-8?B?…?=`; 39 bytes of text make 52 in base64, which fits beside a field's name.
    private static let wordBytesMax = 39
    /// RFC 5322 section 2.1.1.
    private static let lineBytesMax = 78

    /// - Parameter firstLineUsed: bytes the field's name takes on the first line.
    static func unstructured(_ text: String, firstLineUsed: Int) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7e).contains($0) } && !text.contains("=?")
        let fits = firstLineUsed + text.utf8.count <= lineBytesMax
        return isPlain && fits ? text : encodedWords(text)
    }

    /// A display name: an atom or quoted string when it is plain.
    static func phrase(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7e).contains($0) } && !text.contains("=?")
        guard isPlain, text.utf8.count <= wordBytesMax else { return encodedWords(text) }
        let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "\"\(escaped)\""
    }

    /// Words are cut between characters, never inside one (RFC 2047 section 5).
    private static func encodedWords(_ text: String) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if word.count + bytes.count > wordBytesMax {
                words.append(encodedWord(word))
                word = []
            }
            word += bytes
        }
        words.append(encodedWord(word))
        return words.joined(separator: "\r\n ")
    }

    private static func encodedWord(_ bytes: [UInt8]) -> String {
        "=?utf-8?B?\(Data(bytes).base64EncodedString())?="
    }
}

/// The quoted-printable encoding of text (RFC 2045 section 6.7).
enum QuotedPrintable {
    private static let lineBytesMax = 76
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Line feeds become CRLF; the result ends with one.
    static func encode(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        let bytes = Array(text.utf8)
        var lines = bytes.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            let hasReturn = line.last == UInt8(ascii: "\r")
            append(hasReturn ? line.dropLast() : line, to: &output)
        }
        return output
    }

    private static func append(_ line: ArraySlice<UInt8>, to output: inout [UInt8]) {
        var used = 0
        for (index, byte) in line.enumerated() {
            let unit = encoded(byte, isLast: index == line.count - 1)
            // One place is kept for the soft line break's "=".
            if used + unit.count > lineBytesMax - 1 {
                output += Array("=\r\n".utf8)
                used = 0
            }
            output += unit
            used += unit.count
        }
        output += Array("\r\n".utf8)
    }

    private static func encoded(_ byte: UInt8, isLast: Bool) -> [UInt8] {
        let isBlank = byte == 0x20 || byte == 0x09
        let isPlain = (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "=")
        if isPlain || (isBlank && !isLast) { return [byte] }
        return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
