// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import XMLDocuments

/// Which bytes are read as XML at all: UTF-8 and version 1.0, whatever a declaration says.
@Suite struct XMLEncodingTests {
    private func refusal(_ bytes: [UInt8]) -> XMLDocumentsError? {
        do {
            _ = try XMLDocument.parse(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "<r>Grüße</r>", "<?xml version=\"1.0\"?><r>Grüße</r>", "\u{FEFF}<r>Grüße</r>",
        "<?xml version='1.0' encoding='utf-8' standalone='yes'?><r>Grüße</r>",
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<r>Grüße</r>",
        "<?xml version=\"1.0\" encoding=\"US-ASCII\"?><r>Gr&#252;&#xdf;e</r>",
        "<?xmlx version='9'?><r>encoding='x'</r>",
    ])
    func readsUTF8(_ text: String) {
        #expect(refusal(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        "ISO-8859-1", "UTF-16", "UTF-7", "utf8", "windows-1252", "EBCDIC-CP-US", "UCS-4", "",
    ])
    func refusesOtherDeclarations(_ name: String) {
        let text = "<?xml version=\"1.0\" encoding=\"\(name)\"?><r>+ADw-x/+AD4-</r>"
        #expect(refusal(Array(text.utf8)) == .unsupportedEncoding(found: "encoding '\(name)'"))
    }

    @Test func refusesASCIIThatIsNone() {
        let text = "<?xml version=\"1.0\" encoding=\"US-ASCII\"?><r>ü</r>"
        #expect(refusal(Array(text.utf8))?.rule == "xml-encoding")
    }

    /// XML 1.1 has two more line ends, which one reader would turn into another character.
    @Test(arguments: ["1.1", "2.0", ""]) func refusesOtherVersions(_ version: String) {
        let text = "<?xml version='\(version)'?><r>\u{85}</r>"
        #expect(refusal(Array(text.utf8)) == .unsupportedEncoding(found: "version '\(version)'"))
    }

    @Test(arguments: [
        String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32, .isoLatin1,
    ])
    func refusesBytesOfOtherEncodings(_ encoding: String.Encoding) throws {
        let data = try #require("<r>ü</r>".data(using: encoding))
        #expect(refusal([UInt8](data))?.rule == "xml-encoding")
    }

    @Test(
        arguments: [
            [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0x80],
            [0xC3], [0x00],
        ] as [[UInt8]])
    func refusesBytesThatAreNoCharacters(_ bytes: [UInt8]) {
        #expect(refusal(Array("<r>".utf8) + bytes + Array("</r>".utf8))?.rule == "xml-encoding")
    }

    @Test func refusesInstructionsWhereTheyAreNotAllowed() {
        let texts = ["<?a b?><r/>", "<r>\n<?a b?></r>", "<r/><?a b?>"]
        for text in texts {
            var limits = XMLLimits.document
            #expect(throws: Never.self) { try XMLDocument.parse(Array(text.utf8), limits: limits) }
            limits.allowsInstructions = false
            let line = text.contains("\n") ? 2 : 1
            #expect(throws: XMLDocumentsError.processingInstruction(line: line)) {
                try XMLDocument.parse(Array(text.utf8), limits: limits)
            }
        }
    }
}
