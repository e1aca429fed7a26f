// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport
import Testing
import XMLDocuments

@Suite(.timeLimit(.minutes(2))) struct MetadataValidationTests {
    private static let type = "<dcterms:type>base</dcterms:type>"

    @Test(arguments: [
        "<a/>", "<rdf:RDF xmlns:rdf=\"urn:other\"/>",
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>",
        """
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description/>\
        <rdf:Description/></rdf:RDF>
        """,
        """
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><x><rdf:Description/></x>\
        </rdf:RDF>
        """,
    ])
    func refusesOtherDocuments(_ text: String) {
        #expect(throws: StratusLabError.self) {
            do {
                _ = try MetadataDocument(parsing: Array(text.utf8))
            } catch StratusLabError.malformed(let error) {
                Issue.record("\(error)")
            }
        }
    }

    @Test func refusesHostileXML() throws {
        let text = Samples.text(try Samples.document())
        let declared = text.replacing(
            "<rdf:RDF", with: "<!DOCTYPE x [<!ENTITY e \"x\">]><rdf:RDF", maxReplacements: 1)
        #expect(throws: StratusLabError.malformed(.documentType)) {
            try MetadataDocument(parsing: Array(declared.utf8))
        }
        let deep = text.replacing("CirrOS 0.3.4", with: String(repeating: "<x>", count: 10_000))
        #expect(throws: StratusLabError.malformed(.tooDeep(limit: 32))) {
            try MetadataDocument(parsing: Array(deep.utf8))
        }
        let long = [UInt8](repeating: 32, count: MetadataDocument.bytesMax + 1)
        #expect(throws: StratusLabError.self) { try MetadataDocument(parsing: long) }
    }

    private func signed() async throws -> String {
        Samples.text(
            try Samples.document().signed(
                by: try await Samples.identity(), profile: .stratuslab,
                created: Samples.requestTime))
    }

    private func findings(_ text: String) throws -> [MetadataFinding] {
        try MetadataDocument(parsing: Array(text.utf8)).verdict().findings
    }

    @Test func saysThatASignatureIsMissing() throws {
        let findings = try findings(Samples.text(try Samples.document()))
        #expect(findings.map(\.kind) == [.unsigned])
        #expect(findings.map(\.description) == ["no signature"])
    }

    @Test(arguments: [
        ("cirros", "cirrus"), ("2016-12-13T", "2036-12-13T"), ("endorser@", "attacker@"),
        ("<slreq:bytes>", "<slreq:bytes>1"), ("#\"", "# \""),
        ("</rdf:Description>", " </rdf:Description>"),
    ])
    func findsAnyChangeOfASignedDocument(_ from: String, _ to: String) async throws {
        let text = try await signed()
        let changed = text.replacing(from, with: to, maxReplacements: 1)
        try #require(changed != text)
        let document = try? MetadataDocument(parsing: Array(changed.utf8))
        #expect(document?.verdict().findings.first?.kind == .signature || document == nil)
    }

    /// Signed by somebody, but the endorsement names somebody else.
    @Test func findsAnEndorserThatIsNotTheSigner() async throws {
        let identity = try await Samples.identity()
        for (element, from, to) in [
            ("slreq:email", "endorser@example.org", "boss@example.org"),
            ("slreq:subject", "CN=Hélène Test", "CN=Boss"),
            ("slreq:issuer", "CN=Test CA", "CN=Real CA"),
        ] {
            let text = try await signed().replacing(from, with: to)
            let tree = try XMLDocument.parse(Array(text.utf8))
            for signature in try XMLSignature.elements(in: tree) { signature.remove() }
            try XMLSignature.sign(tree, by: identity, profile: .stratuslab)
            let findings = try MetadataDocument(parsing: try tree.serialised()).verdict().findings
            #expect(findings.map(\.kind) == [.consistency])
            #expect(findings.map(\.element) == [element])
        }
    }

    /// All content rules hold for documents somebody signed, too; a signature is no excuse.
    @Test func aSignedDocumentMustKeepTheRules() async throws {
        let text = Samples.text(try Samples.document()).replacing(Self.type, with: "")
        let tree = try XMLDocument.parse(Array(text.utf8))
        try XMLSignature.sign(tree, by: try await Samples.identity(), profile: .modern)
        let findings = try MetadataDocument(parsing: try tree.serialised()).verdict().findings
        #expect(findings.map(\.element) == ["dcterms:type"])
    }

    @Test func aSignatureWithoutAnEndorsementIsInvalid() async throws {
        let tree = try XMLDocument.parse(try Samples.document().bytes)
        try XMLSignature.sign(tree, by: try await Samples.identity(), profile: .modern)
        let findings = try MetadataDocument(parsing: try tree.serialised()).verdict().findings
        #expect(findings.map(\.element) == ["slreq:endorsement"])
    }

    /// Documents in the field lose or gain leading zeros of digests.
    @Test func comparesDigestsAsIntegers() throws {
        let text = Samples.text(try Samples.document())
        let sha1 = Samples.digests.sha1
        for variant in ["0" + sha1, "000" + sha1.uppercased()] {
            let document = try MetadataDocument(
                parsing: Array(text.replacing(sha1, with: variant).utf8))
            #expect(document.contentFindings.isEmpty)
            #expect(document.fields.checksums[.sha1] == sha1)
        }
    }
}
