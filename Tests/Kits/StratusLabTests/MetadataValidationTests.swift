// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport
import Testing
import XMLDocuments

@Suite(.timeLimit(.minutes(2))) struct MetadataValidationTests {
    /// A rule, and a change of the sample document that breaks it.
    struct Breach: Sendable, CustomTestStringConvertible {
        let element: String
        let from: String
        let to: String
        var testDescription: String { "\(element): \(to.prefix(60))" }

        init(_ element: String, _ from: String, _ to: String) {
            self.element = element
            self.from = from
            self.to = to
        }
    }

    private static let type = "<dcterms:type>base</dcterms:type>"
    private static let os = "<slterms:os>cirros</slterms:os>"
    private static let sha1 = "<slreq:algorithm>SHA-1</slreq:algorithm>"

    static let breaches = [
        Breach("rdf:RDF", " xml:base=\"http://mp.stratuslab.eu/\"", ""),
        Breach("rdf:RDF", "\"http://mp.stratuslab.eu/\"", "\"http://mp.stratuslab.eu\""),
        Breach("rdf:RDF", "</rdf:RDF>", "<dcterms:x/></rdf:RDF>"),
        Breach("rdf:Description", "rdf:about=\"#", "rdf:about=\""),
        Breach("dcterms:identifier", "<dcterms:identifier>", "<dcterms:identifier>A"),
        Breach(
            "dcterms:identifier", "</dcterms:identifier>",
            "</dcterms:identifier><dcterms:identifier/>"),
        Breach("slreq:bytes", "<slreq:bytes>", "<slreq:bytes>-"),
        Breach("slreq:bytes", "<slreq:bytes>", "<slreq:bytes>99999999999999999999"),
        Breach("slreq:bytes", "<slreq:bytes>", "<slreq:bytes>0x"),
        Breach("slreq:algorithm", sha1, "<slreq:algorithm>SHA-3</slreq:algorithm>"),
        Breach("slreq:checksum", sha1, "<slreq:algorithm>MD5</slreq:algorithm>"),
        Breach("slreq:value", "<slreq:value>", "<slreq:value>g"),
        Breach("slreq:value", "<slreq:value>", "<slreq:value>1"),
        Breach("slreq:checksum", "<slreq:checksum rdf:parseType=\"Resource\">", "<slreq:checksum>"),
        Breach("dcterms:type", type, ""),
        Breach("dcterms:type", type, type + type),
        Breach("dcterms:type", type, "<dcterms:type><dcterms:x/></dcterms:type>"),
        Breach("slterms:os", os, os + os),
        Breach("slterms:os-arch", os, "<slterms:os-arch/>" + os),
        Breach("slterms:os-version", os, "<slterms:os-version/>" + os),
        Breach("slterms:version", os, "<slterms:version/>" + os),
        Breach("slterms:deprecated", os, "<slterms:deprecated/><slterms:deprecated/>" + os),
        Breach(
            "slterms:serial-number", os, "<slterms:serial-number/><slterms:serial-number/>" + os),
        Breach("dcterms:valid", "<dcterms:valid>", "<dcterms:valid>x"),
        Breach("dcterms:valid", "<dcterms:valid>2016-12-13T", "<dcterms:valid>2016-13-13T"),
        Breach(
            "dcterms:created", "<dcterms:created>2016-06-18T00:00:00Z",
            "<dcterms:created>2016-06-18"),
        Breach("dcterms:title", "CirrOS 0.3.4", "<dcterms:x/>"),
        Breach("slreq:endorsement", "<slreq:endorsement rdf:parseType=\"Resource\"/>", ""),
    ]

    @Test(arguments: breaches) func namesTheElementOfABrokenRule(_ breach: Breach) throws {
        let text = Samples.text(try Samples.document())
        try #require(text.contains(breach.from), "the sample has changed")
        let changed = text.replacing(breach.from, with: breach.to, maxReplacements: 1)
        let document = try MetadataDocument(parsing: Array(changed.utf8))
        #expect(document.contentFindings.map(\.element).contains(breach.element))
    }

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
