// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Documents that are no RDF, or that say with RDF's other notations what readers of the plain
/// elements do not see.
enum RDFViolations {
    private static let open = "<rdf:Description rdf:about=\"#\(Workshop.identifier)\">"
    private static let title = "<dcterms:title>CirrOS image</dcterms:title>"
    private static let location =
        "<slterms:location>http://example.org/cirros.img.gz</slterms:location>"
    private static let checksum = "<slreq:checksum rdf:parseType=\"Resource\">"
    private static let endorsement = "<slreq:endorsement rdf:parseType=\"Resource\">"
    private static let endorser = "<slreq:endorser rdf:parseType=\"Resource\">"

    private typealias Row = (name: String, element: String, from: String, to: String)

    static var all: [HostileDocument] {
        constraints.map { .content($0.name, .constraint($0.element), $0.from, $0.to) } + structure
    }

    private static let constraints: [Row] = [
        ("checksum without parseType", "slreq:checksum", checksum, "<slreq:checksum>"),
        (
            "checksum as a literal", "slreq:checksum", checksum,
            "<slreq:checksum rdf:parseType=\"Literal\">"
        ),
        (
            "checksum as a collection", "slreq:checksum", checksum,
            "<slreq:checksum rdf:parseType=\"Collection\">"
        ),
        (
            "checksum with parseType in small letters", "slreq:checksum", checksum,
            "<slreq:checksum rdf:parseType=\"resource\">"
        ),
        (
            "checksum with parseType of no namespace", "slreq:checksum", checksum,
            "<slreq:checksum parseType=\"Resource\">"
        ),
        ("endorsement without parseType", "slreq:endorsement", endorsement, "<slreq:endorsement>"),
        (
            "endorsement as a literal", "slreq:endorsement", endorsement,
            "<slreq:endorsement rdf:parseType=\"Literal\">"
        ),
        ("endorser without parseType", "slreq:endorser", endorser, "<slreq:endorser>"),
        (
            "endorser as a collection", "slreq:endorser", endorser,
            "<slreq:endorser rdf:parseType=\"Collection\">"
        ),
        (
            "title as a resource", "dcterms:title", title,
            "<dcterms:title rdf:parseType=\"Resource\"><dcterms:x>a</dcterms:x></dcterms:title>"
        ),
        (
            "title as a literal of XML", "dcterms:title", title,
            "<dcterms:title rdf:parseType=\"Literal\"><b>a</b></dcterms:title>"
        ),
        (
            "checksum with rdf:resource", "slreq:checksum", checksum,
            "<slreq:checksum rdf:parseType=\"Resource\" rdf:resource=\"http://example.org/\">"
        ),
        (
            "checksum with rdf:nodeID", "slreq:checksum", checksum,
            "<slreq:checksum rdf:parseType=\"Resource\" rdf:nodeID=\"a\">"
        ),
        (
            "bytes with rdf:resource", "slreq:bytes", "<slreq:bytes>",
            "<slreq:bytes rdf:resource=\"http://example.org/\">"
        ),
        (
            "identifier with rdf:resource", "dcterms:identifier", "<dcterms:identifier>",
            "<dcterms:identifier rdf:resource=\"#x\">"
        ),
        (
            "title with rdf:resource and text", "dcterms:title", "<dcterms:title>",
            "<dcterms:title rdf:resource=\"#x\">"
        ),
        (
            "title with rdf:nodeID and text", "dcterms:title", "<dcterms:title>",
            "<dcterms:title rdf:nodeID=\"x\">"
        ),
        (
            "title with rdf:parseType Resource and text", "dcterms:title", "<dcterms:title>",
            "<dcterms:title rdf:parseType=\"Resource\">"
        ),
        (
            "location with rdf:about", "slterms:location", "<slterms:location>",
            "<slterms:location rdf:about=\"#x\">"
        ),
        (
            "title with rdf:ID that is no name", "dcterms:title", "<dcterms:title>",
            "<dcterms:title rdf:ID=\"1 2\">"
        ),
        (
            "two rdf:ID alike", "dcterms:subject", title,
            "<dcterms:title rdf:ID=\"a\">x</dcterms:title><dcterms:subject "
                + "rdf:ID=\"a\">y</dcterms:subject>"
        ),
        (
            "rdf:ID beside rdf:about", "rdf:Description", open,
            "<rdf:Description rdf:ID=\"a\" rdf:about=\"#\(Workshop.identifier)\">"
        ),
        (
            "rdf:nodeID beside rdf:about", "rdf:Description", open,
            "<rdf:Description rdf:nodeID=\"a\" rdf:about=\"#\(Workshop.identifier)\">"
        ),
        (
            "rdf:aboutEach", "rdf:Description", open,
            "<rdf:Description rdf:aboutEach=\"#x\" rdf:about=\"#\(Workshop.identifier)\">"
        ),
        (
            "rdf:bagID", "rdf:Description", open,
            "<rdf:Description rdf:bagID=\"x\" rdf:about=\"#\(Workshop.identifier)\">"
        ),
        (
            "a property attribute that says a type", "rdf:Description", open,
            "<rdf:Description dcterms:type=\"grid\" rdf:about=\"#\(Workshop.identifier)\">"
        ),
        (
            "a property attribute that says a validity", "rdf:Description", open,
            "<rdf:Description dcterms:valid=\"2099-01-01T00:00:00Z\" "
                + "rdf:about=\"#\(Workshop.identifier)\">"
        ),
        (
            "a property attribute that withdraws", "rdf:Description", open,
            "<rdf:Description slterms:deprecated=\"no\" rdf:about=\"#\(Workshop.identifier)\">"
        ),
        ("text between the elements", "rdf:Description", title, "text" + title),
        ("text in the root", "rdf:RDF", "    \(open)", "text" + open),
        (
            "rdf:li as a description's element name's attribute", "rdf:Description", open,
            "<rdf:Description rdf:li=\"x\" rdf:about=\"#\(Workshop.identifier)\">"
        ),
        (
            "rdf:Description as a property", "rdf:Description", title,
            "<rdf:Description rdf:about=\"#x\"/>" + title
        ),
        ("rdf:RDF as a property", "rdf:RDF", title, "<rdf:RDF/>" + title),
        (
            "endorsement twice", "slreq:endorsement", endorsement,
            "<slreq:endorsement rdf:parseType=\"Resource\"/>" + endorsement
        ),
        (
            "endorser twice", "slreq:endorser", endorser,
            "<slreq:endorser rdf:parseType=\"Resource\"/>" + endorser
        ),
    ]

    private static let structure: [HostileDocument] = [
        described("two descriptions") { $0 + "<rdf:Description rdf:about=\"#x\"/>" },
        described("two descriptions alike") { $0 + $0 },
        described("an empty description before the good one") { "<rdf:Description/>" + $0 },
        described("a description in a description", .constraint("dcterms:x")) {
            "<rdf:Description rdf:about=\"#x\"><dcterms:x>\($0)</dcterms:x></rdf:Description>"
        },
        described("a description in a bag") { "<rdf:Bag><rdf:li>\($0)</rdf:li></rdf:Bag>" },
        described("a root in the root") { "<rdf:RDF>\($0)</rdf:RDF>" },
        described("no description") { _ in "" },
        described("a typed node for a description") {
            $0.replacing("rdf:Description", with: "slterms:Image")
        },
        described("a nested description of the same image", .constraint("rdf:Description")) {
            $0.replacing(
                "</rdf:Description>",
                with: "<dcterms:relation><rdf:Description rdf:about=\"#\(Workshop.identifier)\">"
                    + "<dcterms:valid>2099-01-01T00:00:00Z</dcterms:valid></rdf:Description>"
                    + "</dcterms:relation></rdf:Description>")
        },
        root("a root of another name", "rdf:rdf") { $0.replacing("rdf:RDF", with: "rdf:rdf") },
        root("a root of another namespace", "rdf:RDF") {
            $0.replacing("22-rdf-syntax-ns#", with: "22-rdf-syntax-ns")
        },
        root("a description alone", "rdf:Description") { text in
            let start = text.firstRange(of: "<rdf:Description")
            let end = text.firstRange(of: "</rdf:Description>")
            guard let start, let end else { return text }
            let spaces =
                "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
                + "xmlns:dcterms=\"http://purl.org/dc/terms/\" "
                + "xmlns:slreq=\"http://mp.stratuslab.eu/slreq#\" "
                + "xmlns:slterms=\"http://mp.stratuslab.eu/slterms#\""
            return String(text[start.lowerBound..<end.upperBound])
                .replacing("<rdf:Description ", with: "<rdf:Description \(spaces) ")
        },
        root("a page of HTML", "html") { _ in "<html><body>503 Service Unavailable</body></html>" },
        root("an answer in other terms", "metadata") { _ in
            "<metadata xmlns=\"http://example.org/\"/>"
        },
        root("an empty list", "metadata") { _ in "<metadata/>" },
    ]

    /// The description replaced by what `change` makes of it, then signed.
    private static func described(
        _ name: String, _ refusal: Refusal = .notMetadata("rdf:Description"),
        _ change: @escaping @Sendable (String) -> String
    ) -> HostileDocument {
        HostileDocument(name, refusal) { workshop in
            let draft = workshop.draft
            guard let start = draft.range(of: "<rdf:Description"),
                let end = draft.range(of: "</rdf:Description>")
            else { throw NeverHappened(description: "no description") }
            let description = String(draft[start.lowerBound..<end.upperBound])
            return try workshop.sign(
                try Workshop.replace(description, with: change(description), in: draft))
        }
    }

    private static func root(
        _ name: String, _ element: String,
        _ change: @escaping @Sendable (String) -> String
    ) -> HostileDocument {
        HostileDocument(name, .notMetadata(element)) { try $0.sign(change($0.draft)) }
    }
}
