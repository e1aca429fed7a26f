// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import Testing

/// Documents inside the `<metadata>` of a marketplace's listing.
@Suite(.timeLimit(.minutes(2))) struct UnwrappingTests {
    /// A signed document, without its XML declaration as in listings.
    private func signed() async throws -> (whole: [UInt8], body: String) {
        let document = try Samples.document().signed(
            by: try await Samples.identity(), profile: .stratuslab, created: Samples.requestTime)
        let body = Samples.text(document).split(separator: "\n", maxSplits: 1)[1]
        return (document.bytes, body.trimmingCharacters(in: .newlines))
    }

    private func unwrapped(_ text: String) throws -> [UnwrappedMetadata] {
        try MetadataDocument.unwrapping(Array(text.utf8))
    }

    @Test func aDocumentAloneIsItself() async throws {
        let (whole, _) = try await signed()
        let found = try MetadataDocument.unwrapping(whole)
        #expect(found.map(\.bytes) == [whole])
        #expect(found.map(\.wasWrapped) == [false] && found.map(\.line) == [1])
        // So is anything else: reading it says what it is.
        #expect(try unwrapped("<x/>").map(\.bytes) == [Array("<x/>".utf8)])
        #expect(try unwrapped("<metadata xmlns='urn:x'/>").count == 1)
    }

    @Test(arguments: [
        ("<metadata>", "</metadata>"), ("<?xml version='1.0'?>\n<metadata>\n", "\n</metadata>\n"),
        ("<metadata xmlns:x='urn:x' xml:base='http://x/' xml:lang='en' a='>'>", "</metadata>"),
        ("<!-- <rdf:RDF/> --><metadata> <!-- <rdf:RDF/> -->", "text</metadata ><!-- x -->"),
    ])
    func documentsComeOutAsTheyWere(_ before: String, _ after: String) async throws {
        let (_, body) = try await signed()
        let found = try unwrapped(before + body + "\n\n" + body + after)
        #expect(found.map(\.bytes) == [Array(body.utf8), Array(body.utf8)])
        #expect(found.allSatisfy { $0.wasWrapped })
        let first = 1 + before.count { $0 == "\n" }
        #expect(found.map(\.line) == [first, first + body.count { $0 == "\n" } + 2])
        for one in found {
            #expect(try MetadataDocument(parsing: one.bytes).verdict().isValid)
        }
        // In place nothing can be verified: each signature covers a whole document.
        let inPlace = Array((before + body + after).utf8)
        #expect(throws: StratusLabError.self) { try MetadataDocument(parsing: inPlace) }
    }

    /// What a wrapper declares is no part of the document, which must be whole without it.
    @Test func nothingOfTheWrapperHoldsForTheDocument() async throws {
        let (_, body) = try await signed()
        let declaration = " xmlns:slterms=\"http://mp.stratuslab.eu/slterms#\""
        let bare = body.replacing(declaration, with: "")
        let found = try unwrapped("<metadata\(declaration)>\(bare)</metadata>")
        let bytes = try #require(found.first?.bytes)
        #expect(throws: StratusLabError.self) { try MetadataDocument(parsing: bytes) }
    }

    @Test func aForgedDocumentStaysForged() async throws {
        let (_, body) = try await signed()
        let forged = body.replacing("cirros", with: "cirrus")
        let found = try unwrapped("<metadata>\(body)\(forged)</metadata>")
        let verdicts = try found.map { try MetadataDocument(parsing: $0.bytes).verdict() }
        #expect(verdicts.map(\.isValid) == [true, false])
    }

    @Test(arguments: [
        "<metadata/>", "<metadata>text</metadata>", "<metadata><x/></metadata>",
        "<metadata><metadata/></metadata>",
        "<metadata><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/><x/></metadata>",
        "<metadata>"
            + String(
                repeating: "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
                count: MetadataDocument.listingDocumentsMax + 1) + "</metadata>",
    ])
    func refusesOtherListings(_ text: String) {
        #expect(throws: StratusLabError.self) {
            do {
                _ = try unwrapped(text)
            } catch StratusLabError.malformed(let error) {
                Issue.record("\(error)")
            }
        }
    }

    @Test func refusesHostileListings() {
        for text in [
            "<!DOCTYPE metadata><metadata/>", "<metadata>",
            String(repeating: "<metadata>", count: 99),
            "<?xml version='1.0' encoding='UTF-16'?><metadata/>",
        ] {
            #expect(throws: StratusLabError.self) { try unwrapped(text) }
        }
        let long = [UInt8](repeating: 32, count: MetadataDocument.listingBytesMax + 1)
        #expect(throws: StratusLabError.self) { try MetadataDocument.unwrapping(long) }
    }
}
