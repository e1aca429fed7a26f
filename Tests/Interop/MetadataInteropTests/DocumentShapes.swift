// SPDX-License-Identifier: Apache-2.0
import Events
import StratusLab
import TestSupport

/// What the fields of good documents hold, and how good documents are written.
enum DocumentShapes {
    /// A change of a document's fields.
    struct Content: Sendable {
        let name: String
        let change: @Sendable (inout MetadataFields) -> Void
    }

    /// Another way to write an unsigned document, which says the same or more.
    struct Shape: Sendable {
        let name: String
        let change: @Sendable (String) throws -> String
    }

    static let contents: [Content] = [
        Content(name: "plain") { _ in },
        texts("Unicode", "Grüße, 日本 \u{1F600} e\u{301} \u{200F}\u{FEFF}"),
        texts("markup", "<b>&amp; ]]> <!-- --> \"x\" 'y' &#10; <?pi?>"),
        texts("long", String(repeating: "long text ", count: 1500)),
        texts("empty", ""),
        texts("white space", "  a\tb\n\nc \r\n d\r  "),
        texts("line separators", "a\u{85}b\u{2028}c\u{A0}"),
        Content(name: "no optional elements") {
            ($0.kind, $0.locations, $0.valid, $0.created) = ("", [], nil, nil)
            ($0.serialNumber, $0.hypervisor, $0.disksBus) = (nil, "", "")
        },
        Content(name: "SHA-1 alone, no bytes") {
            $0.checksums = [.sha1: Workshop.sha1]
            $0.bytes = 0
        },
        Content(name: "deprecated") { $0.deprecated = "security: CVE-2016-5195" },
        Content(name: "grid image, bz2") { ($0.type, $0.compression) = ("grid", "bz2") },
        Content(name: "xz") { ($0.compression, $0.format) = ("xz", "raw") },
        Content(name: "no compression") { $0.compression = "none" },
        Content(name: "several locations") {
            $0.locations = [
                "http://example.org/a?b=c&d=e#f", "https://[2001:db8::1]:8443/x%20y.img",
                "pdisk:endpoint:9445:uuid", "ftp://example.org/~user/",
            ]
        },
        Content(name: "a large image") { $0.bytes = Int.max },
    ]

    static let shapes: [Shape] = [
        Shape(name: "as written") { $0 },
        Shape(name: "other prefixes") { text in
            [("rdf", "r"), ("dcterms", "dc"), ("slreq", "a"), ("slterms", "b_-.1")]
                .reduce(text) { text, names in
                    text.replacing("\(names.0):", with: "\(names.1):")
                        .replacing("xmlns:\(names.0)=", with: "xmlns:\(names.1)=")
                }
        },
        Shape(name: "a default namespace") {
            $0.replacing("dcterms:", with: "").replacing("xmlns:dcterms=", with: "xmlns=")
        },
        Shape(name: "namespaces declared where they are used") {
            let declaration = " xmlns:slterms=\"http://mp.stratuslab.eu/slterms#\""
            return $0.replacing(declaration, with: "")
                .replacing(#/<slterms:[a-z-]+/#, with: { "\($0.output)\(declaration)" })
        },
        Shape(name: "extra vocabulary") {
            try Workshop.replace(
                "</rdf:Description>",
                with: "<foaf:maker xmlns:foaf=\"http://xmlns.com/foaf/0.1/\">Bob</foaf:maker>"
                    + "<dcterms:subject>cloud</dcterms:subject>"
                    + "<slterms:inbound-port>22</slterms:inbound-port>"
                    + "<slterms:icmp>8</slterms:icmp></rdf:Description>", in: $0)
        },
        Shape(name: "leading zeros lost") {
            try Workshop.replace("<slreq:value>00f1", with: "<slreq:value>f1", in: $0)
        },
        Shape(name: "leading zeros gained, capitals") {
            $0.replacing(Workshop.sha1, with: "0" + Workshop.sha1.uppercased())
        },
        Shape(name: "another order of elements") { reversed($0) },
        Shape(name: "comments") {
            $0.replacing("<dcterms:title>", with: "<!-- a --><dcterms:title><!-- b -->")
                .replacing("</rdf:RDF>", with: "<!-- c --></rdf:RDF><!-- d -->")
        },
        Shape(name: "no white space between elements") {
            $0.replacing(#/>\n\s*</#, with: "><")
        },
        Shape(name: "Windows' line ends and single quotes") {
            $0.replacing("\"", with: "'").replacing("\n", with: "\r\n")
        },
        Shape(name: "without an XML declaration") {
            $0.replacing(#/^<\?xml[^>]*>\s*/#, with: "")
        },
        Shape(name: "a byte order mark") { "\u{FEFF}" + $0 },
        Shape(name: "a language") {
            $0.replacing("<dcterms:title>", with: "<dcterms:title xml:lang=\"en\">")
        },
        Shape(name: "CDATA") {
            $0.replacing("<dcterms:publisher>", with: "<dcterms:publisher><![CDATA[a < b & c]]>")
        },
        Shape(name: "the endorsement of somebody else") {
            try Workshop.replace(
                "<slreq:endorsement rdf:parseType=\"Resource\"/>",
                with: "<slreq:endorsement rdf:parseType=\"Resource\">"
                    + "<dcterms:created>2011-01-01T00:00:00Z</dcterms:created>"
                    + "<slreq:endorser rdf:parseType=\"Resource\"><slreq:email>a@b.c</slreq:email>"
                    + "<slreq:subject>CN=a</slreq:subject><slreq:issuer>CN=b</slreq:issuer>"
                    + "</slreq:endorser></slreq:endorsement>", in: $0)
        },
    ]

    /// The elements behind the endorsement, last first.
    private static func reversed(_ text: String) -> String {
        let pieces = MarkupPieces(Array(text.utf8))
        let elements = pieces.elements
        let end = elements.first { range in
            pieces.pieces[range.lowerBound].bytes.starts(with: "<slreq:endorsement".utf8)
        }
        let rest = elements.filter { $0.lowerBound >= end?.upperBound ?? 0 }
        guard let first = rest.first, let last = rest.last else { return text }
        let bytes =
            MarkupPieces.bytes(of: pieces.pieces[..<first.lowerBound])
            + rest.reversed().flatMap { MarkupPieces.bytes(of: pieces.pieces[$0]) }
            + MarkupPieces.bytes(of: pieces.pieces[last.upperBound...])
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func texts(_ name: String, _ text: String) -> Content {
        Content(name: name) {
            ($0.title, $0.description, $0.creator, $0.tag) = (text, text, text, text)
            ($0.version, $0.publisher, $0.kind) = (text, text, text)
            ($0.os, $0.osVersion, $0.osArch) = (text, text, text)
        }
    }
}
