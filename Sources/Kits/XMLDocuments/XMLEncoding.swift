// SPDX-License-Identifier: Apache-2.0

/// Looks at a document's bytes and declaration before a parser does, which would believe them.
enum XMLEncoding {
    /// Longest XML declaration that is looked at, in bytes.
    private static let declarationBytesMax = 256
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Throws unless the bytes are UTF-8 and the XML declaration (XML 1.0, section 2.8), if there
    /// is one, says nothing else. A byte order mark may stand before it. US-ASCII is UTF-8, too.
    static func check(_ bytes: [UInt8]) throws(XMLDocumentsError) {
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            throw .unsupportedEncoding(found: "bytes that are not UTF-8")
        }
        let text = bytes.starts(with: byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
        guard text.starts(with: "<?xml".utf8), let behind = text.dropFirst(5).first,
            isSpace(behind)
        else { return }
        let declaration = text.prefix(declarationBytesMax)
        guard let end = declaration.firstIndex(of: UInt8(ascii: ">")) else {
            throw .unsupportedEncoding(found: "a very long XML declaration")
        }
        let inside = String(decoding: declaration[..<end], as: UTF8.self)
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        if let encoding = value(of: "encoding", in: inside),
            encoding.lowercased() != "utf-8", encoding.lowercased() != "us-ascii" || !isASCII
        {
            throw .unsupportedEncoding(found: "encoding '\(encoding.prefix(40))'")
        }
        if let version = value(of: "version", in: inside), version != "1.0" {
            throw .unsupportedEncoding(found: "version '\(version.prefix(40))'")
        }
    }

    /// The quoted value behind `name` and `=`.
    private static func value(of name: String, in declaration: String) -> String? {
        guard let found = declaration.firstRange(of: name) else { return nil }
        let behind = declaration[found.upperBound...].drop { $0 != "\"" && $0 != "'" }
        guard let quote = behind.first else { return nil }
        return String(behind.dropFirst().prefix { $0 != quote })
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        [0x20, 0x09, 0x0A, 0x0D].contains(byte)
    }
}
