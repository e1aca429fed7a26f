// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The good document in bytes that two readers may read in two ways, and bytes that are no text.
enum EncodingAttacks {
    private static let encoding = Refusal.malformed("xml-encoding")
    private static let illFormed = Refusal.malformed("xml-well-formed")
    private static let title = "CirrOS image"

    static var all: [HostileDocument] { encodings + declarations + bytes + characters }

    private static let encodings: [HostileDocument] = [
        encoded("UTF-16, little end first", .utf16LittleEndian, [0xFF, 0xFE], "UTF-16"),
        encoded("UTF-16, big end first", .utf16BigEndian, [0xFE, 0xFF], "UTF-16"),
        encoded("UTF-16 without a mark", .utf16LittleEndian, [], "UTF-16"),
        encoded("UTF-16 by name of its order", .utf16BigEndian, [], "UTF-16BE"),
        encoded("UTF-16 that says UTF-8", .utf16LittleEndian, [0xFF, 0xFE], "UTF-8"),
        encoded("UTF-32", .utf32LittleEndian, [0xFF, 0xFE, 0, 0], "UTF-32"),
        encoded("ISO 8859-1", .isoLatin1, [], "ISO-8859-1"),
        encoded("Windows 1252", .windowsCP1252, [], "windows-1252"),
    ]

    private static let declarations: [HostileDocument] = [
        declared("UTF-7", "UTF-7"), declared("EBCDIC", "IBM037"),
        declared("Shift JIS", "Shift_JIS"),
        declared("ISO 2022-JP", "ISO-2022-JP"), declared("US-ASCII", "US-ASCII"),
        declared("HZ", "HZ-GB-2312"), declared("an encoding of no name", ""),
        declared("an encoding nobody knows", "X-NONE"),
        HostileDocument("XML 1.1", encoding) {
            Array(
                try Workshop.replace("version=\"1.0\"", with: "version=\"1.1\"", in: $0.genuine)
                    .utf8)
        },
        HostileDocument("XML 2.0", encoding) {
            Array(
                try Workshop.replace("version=\"1.0\"", with: "version=\"2.0\"", in: $0.genuine)
                    .utf8)
        },
        HostileDocument("two declarations", illFormed) {
            Array(("<?xml version=\"1.0\"?>" + $0.genuine).utf8)
        },
    ]

    private static let bytes: [HostileDocument] = [
        injected("an overlong NUL", [0xC0, 0x80]), injected("an overlong angle", [0xC0, 0xBC]),
        injected("an overlong slash in three bytes", [0xE0, 0x80, 0xAF]),
        injected("an overlong letter in four bytes", [0xF0, 0x80, 0x81, 0x81]),
        injected("half of a surrogate pair", [0xED, 0xA0, 0x80]),
        injected("a surrogate pair in six bytes", [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80]),
        injected("a character beyond Unicode", [0xF4, 0x90, 0x80, 0x80]),
        injected("five bytes for a character", [0xF8, 0x88, 0x80, 0x80, 0x80]),
        injected("a byte of another encoding", [0xE9]), injected("a lonely continuation", [0x80]),
        injected("a character cut short", [0xE2, 0x82]), injected("bytes FE and FF", [0xFE, 0xFF]),
        injected("a NUL", [0]), injected("a control character", [1], illFormed),
        injected("an escape", [0x1B], illFormed),
        injected("a vertical tab", [0x0B], illFormed),
        injected("U+FFFE", [0xEF, 0xBF, 0xBE], illFormed),
        injected("U+FFFF", [0xEF, 0xBF, 0xBF], illFormed),
        HostileDocument("a byte order mark twice", illFormed) {
            [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF] + Array($0.genuine.utf8)
        },
    ]

    private static let characters: [HostileDocument] = [
        "&#0;", "&#1;", "&#x1F;", "&#xD800;", "&#xFFFE;", "&#x110000;", "&#99999999999;", "&#-1;",
        "&#x;", "&#;",
    ].map { .text("the reference \($0)", illFormed, title, $0) }

    private static func encoded(
        _ name: String, _ encoding: String.Encoding, _ mark: [UInt8], _ declared: String
    ) -> HostileDocument {
        HostileDocument(name, Self.encoding) {
            let text = $0.genuine.replacing("\"UTF-8\"", with: "\"\(declared)\"")
            return mark + [UInt8](text.data(using: encoding) ?? Data())
        }
    }

    private static func declared(_ name: String, _ encoding: String) -> HostileDocument {
        HostileDocument("declared as \(name)", Self.encoding) {
            Array(try Workshop.replace("\"UTF-8\"", with: "\"\(encoding)\"", in: $0.genuine).utf8)
        }
    }

    private static func injected(
        _ name: String, _ bytes: [UInt8], _ refusal: Refusal = encoding
    ) -> HostileDocument {
        HostileDocument(name, refusal) {
            guard let place = $0.genuine.range(of: title) else { return [] }
            return Array($0.genuine[..<place.lowerBound].utf8) + bytes
                + Array($0.genuine[place.lowerBound...].utf8)
        }
    }
}
