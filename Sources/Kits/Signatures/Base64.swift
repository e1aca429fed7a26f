// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// Base64 as XML signatures hold it (RFC 2045 section 6.8).
enum Base64 {
    private static let lineLength = 64

    /// Encodes, in one line.
    static func text(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
    }

    /// Encodes in lines of 64 characters, without a line end at either end.
    static func lines(_ bytes: [UInt8]) -> String {
        let text = Array(text(bytes).utf8)
        let starts = stride(from: 0, to: text.count, by: lineLength)
        return starts.map {
            String(decoding: text[$0..<min($0 + lineLength, text.count)], as: UTF8.self)
        }.joined(separator: "\n")
    }

    /// Decodes; white space is skipped, any other foreign character makes it nil.
    static func decode(_ text: String) -> [UInt8]? {
        Data(base64Encoded: Data(digits(of: text))).map { [UInt8]($0) }
    }

    /// The text's bytes without white space.
    static func digits(of text: String) -> [UInt8] {
        text.utf8.filter { $0 != 10 && $0 != 13 && $0 != 32 && $0 != 9 }
    }
}
