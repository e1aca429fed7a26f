// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import StratusLab
import Testing

/// Waivers are published in the document's description, for everybody to read.
@Suite struct MetadataWaiverTests {
    private func document(
        _ description: String?, _ waivers: [Waiver]
    ) throws(StratusLabError) -> MetadataDocument {
        var request = Samples.request
        request.metadata.description = description
        var scanned = Samples.scanned()
        scanned.waived = waivers
        let fields = try Samples.fields(request, Samples.fetched(), Samples.modified(), scanned)
        return try MetadataDocument(parsing: try MetadataDocument.build(fields).bytes)
    }

    private func refusal(_ description: String?, _ waivers: Waiver...) -> String? {
        do {
            _ = try document(description, waivers)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func waiversAreLinesOfTheDescription() throws {
        let waivers = [
            Waiver(check: "swap-partition", reason: "none of ours swap: see <http://a/?b&c>"),
            Waiver(check: "a", reason: " é \u{1F600}\t"),
        ]
        let lines = """
            Waived security check swap-partition: none of ours swap: see <http://a/?b&c>
            Waived security check a:  é \u{1F600}\t
            """
        #expect(try document(nil, waivers).fields.description == lines)
        for text in ["One\nTwo", "One\r\n", "Waived"] {
            let description = try document(text, waivers).fields.description
            #expect(description == "\(text)\n\(lines)")
            #expect(Waiver.named(in: description) == waivers)
        }
        #expect(try document("One", []).fields.description == "One")
    }

    @Test func nobodyFeignsAWaiver() {
        let line = "waived security check swap-partition: none"
        let feigned = [
            line, line.uppercased(), "a\n\t \(line)", "a\r\(line)", "a\r\n\(line)",
            "a\u{2028}\(line)",
        ]
        for text in feigned {
            #expect(refusal(text)?.hasPrefix("metadata.description") == true, "\(text)")
        }
        #expect(!Waiver.isFeigned(in: "It is a \(line)"))
    }

    @Test func theDescriptionHasRoomForThemOrTheyAreRefused() throws {
        let longest = Waiver(check: "a", reason: String(repeating: "x", count: 256))
        let room = 16_384 - longest.line.utf8.count - 1
        #expect(refusal(String(repeating: "x", count: room), longest) == nil)
        let over = try #require(refusal(String(repeating: "x", count: room + 1), longest))
        #expect(over.hasPrefix("metadata.description") && over.contains("16385 bytes"))
    }

    @Test(arguments: [
        ("", "x"), ("A", "x"), ("a: b", "x"), ("a", ""), ("a", "x\ny"),
        ("a", String(repeating: "x", count: 257)),
    ])
    func wrongOnesAreNamed(check: String, reason: String) throws {
        let waiver = Waiver(check: check, reason: reason)
        #expect(waiver.problem != nil)
        #expect(refusal(nil, waiver)?.hasPrefix("scanned.waived.") == true)
        // A name cannot end before its colon, so nothing else is read than what was written.
        #expect(Waiver(line: waiver.line) != waiver)
    }
}
