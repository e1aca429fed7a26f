// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// Base64 as XML signatures hold it (RFC 2045 section 6.8).
enum Base64 {
    private static let lineLength = 64

    /// Encodes in lines of 64 characters, without a line end at either end.
    static func lines(_ bytes: [UInt8]) -> String {
        let text = Array(Data(bytes).base64EncodedString().utf8)
        let starts = stride(from: 0, to: text.count, by: lineLength)
        return starts.map {
            String(decoding: text[$0..<min($0 + lineLength, text.count)], as: UTF8.self)
        }.joined(separator: "\n")
    }

    /// Decodes; white space is skipped, any other foreign character makes it nil.
    static func decode(_ text: String) -> [UInt8]? {
        var digits: [UInt8] = []
        digits.reserveCapacity(text.utf8.count)
        for byte in text.utf8 where byte != 10 && byte != 13 && byte != 32 && byte != 9 {
            digits.append(byte)
        }
        return Data(base64Encoded: Data(digits)).map { [UInt8]($0) }
    }
}
