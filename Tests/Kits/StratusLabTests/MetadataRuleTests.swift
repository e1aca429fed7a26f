// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import StratusLab
import Testing

/// Each rule of the content, by documents that break it alone, and what no rule forbids.
@Suite struct MetadataRuleTests {
    /// The sample with one change.
    private func document(_ from: String, _ to: String) throws -> MetadataDocument {
        let text = Samples.text(try Samples.document())
        try #require(text.contains(from), "the sample has changed")
        let changed = text.replacing(from, with: to, maxReplacements: 1)
        return try MetadataDocument(parsing: Array(changed.utf8))
    }

    /// The sample with more at the end of the description.
    private func extended(_ more: String) throws -> MetadataDocument {
        try document("</rdf:Description>", "\n\(more)</rdf:Description>")
    }

    private static let endorsement = "<slreq:endorsement rdf:parseType=\"Resource\"/>"
    private static let endorser = """
        <slreq:endorser rdf:parseType="Resource"><slreq:email>a@b.c</slreq:email>\
        <slreq:subject>CN=a</slreq:subject><slreq:issuer>CN=b</slreq:issuer></slreq:endorser>
        """

    private static func endorsed(_ content: String) -> String {
        "<slreq:endorsement rdf:parseType=\"Resource\">\(content)</slreq:endorsement>"
    }

    private static let time = "<dcterms:created>2016-06-18T00:00:00Z</dcterms:created>"
    private static let os = "<slterms:os>cirros</slterms:os>"
    private static let type = "<dcterms:type>base</dcterms:type>"

    @Test(
        arguments: [
            ("schema-element", "dcterms:x", "</rdf:RDF>", "<dcterms:x/></rdf:RDF>"),
            ("schema-element", "slterms:os", os, "<slterms:os><slterms:os/></slterms:os>"),
            (
                "schema-element", "slreq:email", endorsement,
                endorsed(time + endorser.replacing("a@b.c", with: "<slreq:x/>"))
            ),
            ("schema-text", "rdf:Description", "</rdf:Description>", "text</rdf:Description>"),
            ("schema-text", "rdf:RDF", "</rdf:RDF>", "text</rdf:RDF>"),
            ("schema-text", "slreq:checksum", "<slreq:algorithm>", "text<slreq:algorithm>"),
            ("schema-attribute", "slterms:os", "<slterms:os>", "<slterms:os xml:lang=\"en\">"),
            ("schema-attribute", "rdf:RDF", "<rdf:RDF ", "<rdf:RDF xml:lang=\"en\" "),
            (
                "schema-attribute", "dcterms:type", "<dcterms:type>",
                "<dcterms:type rdf:resource=\"x\">"
            ),
            ("schema-attribute", "rdf:Description", " rdf:about", " dcterms:title=\"x\" rdf:about"),
            (
                "schema-missing-attribute", "slreq:checksum",
                "<slreq:checksum rdf:parseType=\"Resource\">", "<slreq:checksum>"
            ),
            ("schema-value", "slreq:bytes", "<slreq:bytes>", "<slreq:bytes>x"),
            ("schema-value", "slreq:value", "<slreq:value>", "<slreq:value>x"),
            (
                "schema-value", "slreq:checksum", "slreq:checksum rdf:parseType=\"Resource\"",
                "slreq:checksum rdf:parseType=\"Literal\""
            ),
            (
                "schema-value", "slreq:email", endorsement,
                endorsed(time + endorser.replacing("a@b.c", with: "a b@c"))
            ),
            (
                "value-address", "slterms:location",
                "http://example.org/cirros-0.3.4-x86_64-disk.img", "http://"
            ),
            (
                "value-address", "slterms:location",
                "http://example.org/cirros-0.3.4-x86_64-disk.img", " http: "
            ),
            (
                "value-address", "slterms:location",
                "http://example.org/cirros-0.3.4-x86_64-disk.img", "x:#y"
            ),
            (
                "value-address", "slterms:location",
                "http://example.org/cirros-0.3.4-x86_64-disk.img", "//"
            ),
            ("value-address", "slterms:location", "//example.org/", "//a@[]:8/"),
            ("schema-value", "slterms:location", "http://example.org/", "http://example.org/%zz"),
            (
                "schema-instance", "slterms:os", "<slterms:os>",
                """
                <slterms:os xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="b">
                """
            ),
            (
                "schema-instance", "rdf:RDF", "<rdf:RDF ",
                """
                <rdf:RDF xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
                xsi:schemaLocation="a file:///b" \

                """.replacing("\n", with: "")
            ),
            ("xml-base", "rdf:RDF", "stratuslab.eu/\">", "stratuslab.eu\">"),
            ("xml-base", "rdf:RDF", " xml:base=\"http://mp.stratuslab.eu/\"", ""),
            ("bytes-range", "slreq:bytes", "<slreq:bytes>", "<slreq:bytes>99999999999999999999"),
            ("checksum-algorithm", "slreq:algorithm", ">MD5<", ">MD4<"),
            ("checksum-algorithm", "slreq:algorithm", ">MD5<", ">md5<"),
            ("checksum-repeated", "slreq:checksum", ">SHA-512<", ">SHA-256<"),
            ("checksum-value", "slreq:value", "<slreq:value>", "<slreq:value>1"),
            ("element-count", "dcterms:type", type, ""),
            ("element-count", "dcterms:type", type, type + type),
            ("element-count", "slterms:os", os, os + os),
            ("element-count", "slterms:os-arch", os, "<slterms:os-arch/>" + os),
            ("element-count", "slterms:os-version", os, "<slterms:os-version/>" + os),
            ("element-count", "slterms:version", os, "<slterms:version/>" + os),
            (
                "element-count", "slterms:deprecated", os,
                "<slterms:deprecated/><slterms:deprecated/>" + os
            ),
            (
                "element-count", "dcterms:valid", "<dcterms:valid>",
                "<dcterms:valid/><dcterms:valid>"
            ),
            ("element-count", "dcterms:created", os, "<dcterms:created/>" + os),
            ("element-count", "slreq:endorsement", os, endorsement + os),
            ("element-count", "slreq:bytes", os, "<slreq:bytes>1</slreq:bytes>" + os),
            ("element-count", "dcterms:identifier", os, "<dcterms:identifier/>" + os),
            (
                "date-form", "dcterms:valid", "<dcterms:valid>2016-12-13T",
                "<dcterms:valid>2016-13-13T"
            ),
            ("date-form", "dcterms:created", time, "<dcterms:created>2016-06-18</dcterms:created>"),
            (
                "date-form", "dcterms:created", endorsement,
                endorsed("<dcterms:created>1960-01-01T00:00:00Z</dcterms:created>" + endorser)
            ),
            (
                "endorsement-created", "dcterms:created", endorsement,
                endorsed("<dcterms:created/>" + endorser)
            ),
            ("value-comment", "dcterms:title", "CirrOS 0.3.4", "CirrOS<!-- --> 0.3.4"),
            ("value-comment", "slreq:value", "<slreq:value>", "<slreq:value>0<!-- -->"),
            ("value-characters", "dcterms:title", "CirrOS 0.3.4", "CirrOS \u{202E}4.3.0"),
            ("value-characters", "slterms:os", ">cirros<", ">\u{2066}cirros<"),
        ] as [(String, String, String, String)])
    func namesRuleElementAndLine(
        _ rule: String, _ element: String, _ from: String, _ to: String
    ) throws {
        let findings = try document(from, to).contentFindings
        #expect(findings.map(\.rule) == [rule], "\(findings)")
        #expect(findings.map(\.element) == [element])
        #expect((findings.first?.line ?? 0) > 1)
        #expect(findings.first?.description.hasSuffix("[\(rule)]") == true)
    }

    /// Rules about two elements that must agree: either may be the wrong one.
    @Test func comparesTheIdentifierWithAboutAndChecksum() throws {
        let own = try Samples.document().identifier
        let other = "A" + own.dropFirst()
        let about = try document(" rdf:about=\"#\(own)", " rdf:about=\"#\(other)")
        #expect(about.contentFindings.map(\.rule) == ["identifier-about"])
        #expect(about.contentFindings.map(\.kind) == [.consistency])
        let text = Samples.text(try Samples.document()).replacing(own, with: other)
        let both = try MetadataDocument(parsing: Array(text.utf8))
        #expect(both.contentFindings.map(\.rule) == ["identifier-checksum"])
        let form = try document(">\(own)<", "> \(own)<")
        #expect(form.contentFindings.map(\.rule) == ["identifier-form", "identifier-about"])
    }

    /// What is missing is named, besides the element that lacks it.
    @Test func namesWhatIsMissing() throws {
        let findings = try document(Self.endorsement, Self.endorsed(Self.time)).contentFindings
        #expect(findings.map(\.rule) == ["schema-element", "element-count"])
        #expect(findings.map(\.element) == ["slreq:endorsement", "slreq:endorser"])
    }

    @Test func needsOneSHA1() throws {
        var fields = try Samples.fields()
        fields.checksums = [.sha1: Samples.digests.sha1]
        let text = Samples.text(try MetadataDocument.build(fields))
            .replacing(">SHA-1<", with: ">MD5<")
            .replacing(Samples.digests.sha1, with: Samples.digests.md5)
        let none = try MetadataDocument(parsing: Array(text.utf8))
        #expect(none.contentFindings.map(\.rule) == ["checksum-sha1"])
    }

    @Test(arguments: [
        ("model-name", "a", "<a>x</a>"),
        ("model-name", "rdf:about", "<rdf:about>x</rdf:about>"),
        ("model-name", "rdf:Description", "<rdf:Description/>"),
        ("model-name", "rdf:li", "<x:a><rdf:li/></x:a>"),
        ("model-required", "slreq:email", "<slreq:email>a@b.c</slreq:email>"),
        ("model-required", "slreq:endorser", endorser),
        ("model-required", "slreq:x", "<slreq:x/>"),
        (
            "model-required", "slreq:value",
            "<x:a rdf:parseType=\"Resource\"><slreq:value>0</slreq:value></x:a>"
        ),
        ("model-attribute", "x:a", "<x:a b=\"c\">d</x:a>"),
        ("model-attribute", "x:a", "<x:a rdf:about=\"#b\">d</x:a>"),
        ("model-attribute", "x:a", "<x:a rdf:ID=\"b\">d</x:a>"),
        ("model-attribute", "x:a", "<x:a xml:base=\"http://b/\">d</x:a>"),
        ("model-attribute", "x:a", "<x:a xml:id=\"b\">d</x:a>"),
        ("model-attribute", "x:a", "<x:a xml:space=\"preserve\">d</x:a>"),
        ("model-attribute", "x:a", "<x:a rdf:nodeID=\"1 b\"/>"),
        ("model-attribute", "x:a", "<x:a rdf:nodeID=\"b\" rdf:resource=\"c\"/>"),
        ("model-attribute", "x:a", "<x:a rdf:resource=\"b\" rdf:parseType=\"Resource\"/>"),
        ("model-attribute", "x:a", "<x:a slreq:email=\"a@b.c\"/>"),
        ("model-attribute", "x:a", "<x:a rdf:datatype=\"urn:b\" x:c=\"d\">e</x:a>"),
        ("model-attribute", "x:B", "<x:a><x:B rdf:about=\"urn:b\"/></x:a>"),
        ("model-attribute", "x:B", "<x:a><x:B rdf:ID=\"b\"/></x:a>"),
        ("model-content", "x:a", "<x:a rdf:resource=\"b\">c</x:a>"),
        ("model-content", "x:a", "<x:a x:b=\"c\">d</x:a>"),
        ("model-content", "x:a", "<x:a rdf:parseType=\"Resource\">c</x:a>"),
        ("model-content", "x:B", "<x:a>c<x:B/></x:a>"),
        ("model-content", "x:B", "<x:a><x:B/><x:C/></x:a>"),
        ("model-content", "x:B", "<x:a><x:B>c</x:B></x:a>"),
        (
            "model-datatype", "x:a",
            "<x:a rdf:datatype=\"http://www.w3.org/2001/XMLSchema#int\">b</x:a>"
        ),
        ("model-datatype", "x:a", "<x:a rdf:datatype=\"b\"/>"),
        ("schema-value", "x:a", "<x:a rdf:parseType=\"Literal\"><x:b/></x:a>"),
        (
            "schema-value", "slterms:icmp",
            "<x:a rdf:parseType=\"Resource\"><slterms:icmp>b</slterms:icmp></x:a>"
        ),
        ("schema-value", "x:a", "<x:a xml:lang=\"not a language\">b</x:a>"),
        ("value-comment", "x:a", "<x:a>b<!-- -->c</x:a>"),
        ("value-characters", "x:a", "<x:a rdf:resource=\"\u{202E}\"/>"),
    ])
    func judgesOtherVocabularyAsRDF(_ rule: String, _ element: String, _ more: String) throws {
        let declared = more.replacing(
            #/^<([A-Za-z:]+)/#, with: { "<\($0.1) xmlns:x=\"http://x.example/\"" })
        let findings = try extended(declared).contentFindings
        #expect(findings.map(\.rule) == [rule], "\(findings)")
        #expect(findings.map(\.element) == [element])
    }

    @Test(arguments: [
        "<x:a/>", "<x:a>text</x:a>", "<x:a xml:lang=\"de\">Text</x:a>", "<x:a> <!-- b --> </x:a>",
        "<x:a rdf:resource=\"http://b/#c\"/>", "<x:a rdf:nodeID=\"b\"/>", "<x:a x:b=\"c\"/>",
        "<x:a rdf:type=\"urn:b\"/>", "<x:a rdf:resource=\"b\"> </x:a>",
        "<x:a rdf:parseType=\"Resource\"/>",
        "<x:a rdf:parseType=\"Resource\"><x:b>c</x:b><!-- d --></x:a>",
        "<x:a><x:B/></x:a>", "<x:a> <x:B x:c=\"d\"><x:e>f</x:e></x:B> </x:a>",
        "<x:a><rdf:Description><x:b>c</x:b></rdf:Description></x:a>",
        "<x:a><rdf:Bag><rdf:li>c</rdf:li><rdf:_2>d</rdf:_2></rdf:Bag></x:a>",
        "<x:a rdf:datatype=\"http://www.w3.org/2001/XMLSchema#integer\"> 7 </x:a>",
        "<x:a rdf:datatype=\"urn:anything\">b</x:a>",
        "<x:a rdf:parseType=\"Resource\"><dcterms:title>b</dcterms:title></x:a>",
        "<slterms:x>y</slterms:x>", "<dcterms:x xml:lang=\"en\">y</dcterms:x>",
        "<dcterms:subject>cloud</dcterms:subject>",
        "<slterms:inbound-port>22</slterms:inbound-port>",
        "<slterms:serial-number> +007 </slterms:serial-number>",
        "<slterms:location> pdisk:example.org:9445:x </slterms:location>", "<slterms:location/>",
        "<slterms:location>file:///x</slterms:location>",
        "<slterms:location>x:y#</slterms:location>",
        "<slterms:location>http://[::1]/</slterms:location>",
        "<slterms:location>http://?</slterms:location>", "<slterms:location>./:</slterms:location>",
        "<dcterms:title>a second title</dcterms:title>", "<slterms:deprecated/>",
        "<rdf:type>x</rdf:type>", "<rdf:value>x</rdf:value>",
    ])
    func acceptsOtherVocabulary(_ more: String) throws {
        let declared = more.replacing(
            #/^<([a-z:-]+)/#, with: { "<\($0.1) xmlns:x=\"http://x.example/\"" })
        let document = try extended(declared)
        #expect(document.contentFindings == [])
        var fields = document.fields
        var expected = try Samples.document().fields
        (fields.locations, expected.locations) = ([], [])
        (fields.deprecated, fields.serialNumber) = (nil, nil)
        #expect(fields == expected)
    }

    @Test(arguments: [
        (" 13 ", 13), ("+13", 13), ("00013", 13), ("-0", 0), ("\n13\t", 13),
        ("9223372036854775807", Int.max),
    ])
    func readsSizesAsXMLSchemaWritesThem(_ text: String, _ bytes: Int) throws {
        let size = Samples.content.count
        let document = try document("<slreq:bytes>\(size)<", "<slreq:bytes>\(text)<")
        #expect(document.contentFindings == [])
        #expect(document.fields.bytes == bytes)
    }

    /// The schema in the program is the one in the folder.
    @Test func carriesTheSchemaOfTheFolder() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../schemas/xsd").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        let texts = try files.filter { $0.pathExtension == "xsd" }.map {
            ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8))
        }
        #expect(Dictionary(uniqueKeysWithValues: texts) == MetadataDocument.schema)
    }
}
