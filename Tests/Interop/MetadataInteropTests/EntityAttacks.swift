// SPDX-License-Identifier: Apache-2.0

/// Document types and what comes with them: entities, defaults, and things to fetch.
enum EntityAttacks {
    private static let refusal = Refusal.malformed("xml-document-type")
    private static let title = "CirrOS image"

    static var all: [HostileDocument] { declared + signed + fetching + instructions }

    /// A good document with a declaration that its signature does not cover.
    private static let declared: [HostileDocument] = [
        declared("an empty document type", "<!DOCTYPE rdf:RDF>"),
        declared("a document type with an empty subset", "<!DOCTYPE rdf:RDF []>"),
        declared("a document type of another name", "<!DOCTYPE html>"),
        declared("a document type with a comment", "<!--a--><!DOCTYPE rdf:RDF><!--b-->"),
        declared("an unused entity", "<!DOCTYPE rdf:RDF [<!ENTITY e \"x\">]>"),
        declared(
            "an unused parameter entity",
            "<!DOCTYPE rdf:RDF [<!ENTITY % e \"<!ENTITY f 'x'>\"> %e;]>"),
        declared("an element declaration", "<!DOCTYPE rdf:RDF [<!ELEMENT rdf:RDF ANY>]>"),
        declared(
            "an attribute by default",
            "<!DOCTYPE rdf:RDF [<!ATTLIST dcterms:title xml:lang CDATA \"en\">]>"),
        declared(
            "a namespace by default",
            "<!DOCTYPE rdf:RDF [<!ATTLIST dcterms:title xmlns:x CDATA \"http://example.org/\">]>"),
        declared(
            "an Id by declaration",
            "<!DOCTYPE rdf:RDF [<!ATTLIST rdf:Description rdf:about ID #IMPLIED>]>"),
        declared("a notation", "<!DOCTYPE rdf:RDF [<!NOTATION n SYSTEM \"n\">]>"),
        declared(
            "a parameter entity that recurses", "<!DOCTYPE rdf:RDF [<!ENTITY % a \"&#37;a;\"> %a;]>"
        ),
        declared("a billion laughs, never used", "<!DOCTYPE rdf:RDF [\(laughs)]>"),
        declared("a conditional section", "<!DOCTYPE rdf:RDF [<![IGNORE[x]]>]>"),
        declared("a document type that does not end", "<!DOCTYPE rdf:RDF ["),
    ]

    /// Signed with the entity in place: what the signer and the reader see may differ.
    private static let signed: [HostileDocument] = [
        entity("an entity in the title", "<!ENTITY e \"\(title)\">", "&e;")
    ]

    /// Things elsewhere that a careless reader would fetch or expand.
    private static let fetching: [HostileDocument] = [
        expanded("a billion laughs", laughs, "&l9;"),
        expanded(
            "quadratic blow-up", "<!ENTITY e \"\(String(repeating: "x", count: 50_000))\">",
            String(repeating: "&e;", count: 1000)),
        expanded(
            "an entity of an entity", "<!ENTITY f \"image\"><!ENTITY e \"CirrOS &f;\">", "&e;"),
        expanded(
            "an entity that ends an element", "<!ENTITY e \"a</dcterms:title><dcterms:title>b\">",
            "&e;"),
        expanded("an entity that holds an element", "<!ENTITY e \"<x/>\">", "&e;"),
        expanded("an entity of itself", "<!ENTITY e \"&e;\">", "&e;"),
        expanded("a file", "<!ENTITY e SYSTEM \"file:///etc/hostname\">", "&e;"),
        expanded("a device that never ends", "<!ENTITY e SYSTEM \"file:///dev/null\">", "&e;"),
        expanded("a resource on the network", "<!ENTITY e SYSTEM \"http://127.0.0.1:9/e\">", "&e;"),
        expanded(
            "a public identifier",
            "<!ENTITY e PUBLIC \"-//X//Y\" \"http://127.0.0.1:9/e\">", "&e;"),
        expanded(
            "an unparsed entity", "<!NOTATION n SYSTEM \"n\"><!ENTITY e SYSTEM \"x.gif\" NDATA n>",
            title),
        declared(
            "an external subset on the network",
            "<!DOCTYPE rdf:RDF SYSTEM \"http://127.0.0.1:9/a.dtd\">"),
        declared("an external subset in a file", "<!DOCTYPE rdf:RDF SYSTEM \"file:///dev/null\">"),
        declared(
            "an external parameter entity",
            "<!DOCTYPE rdf:RDF [<!ENTITY % e SYSTEM \"http://127.0.0.1:9/e\"> %e;]>"),
        .text("an entity without a document type", .malformed("xml-well-formed"), title, "&e;"),
        .text("an entity of HTML", .malformed("xml-well-formed"), title, "&nbsp;"),
        .text(
            "an entity in an attribute", .malformed("xml-well-formed"), "rdf:about=\"#",
            "rdf:about=\"&e;#"),
        .text("a reference without its semicolon", .malformed("xml-well-formed"), title, "&amp"),
        .text(
            "a document type inside the root", .malformed("xml-well-formed"), "<rdf:Description",
            "<!DOCTYPE x><rdf:Description"),
    ]

    /// Instructions to the reader, which the signer did not mean for ours.
    private static let instructions: [HostileDocument] = [
        instruction(
            "a style sheet",
            "<?xml-stylesheet type=\"text/xsl\" href=\"http://evil.example.net/a.xsl\"?>"),
        instruction("a model", "<?xml-model href=\"http://127.0.0.1:9/a.rng\"?>"),
        instruction("PHP", "<?php system('id') ?>"),
        .content(
            "an instruction in the description", .malformed("xml-processing-instruction"),
            "<dcterms:type>", "<?a b?><dcterms:type>"),
        .content(
            "an instruction in the title", .malformed("xml-processing-instruction"), title,
            "CirrOS<?a b?> image"),
        .meddled(
            "an instruction in the signature", .malformed("xml-processing-instruction"),
            "<SignedInfo>", "<?a b?><SignedInfo>"),
        .content(
            "an inclusion", .constraint("xi:include"), "<dcterms:type>",
            "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" "
                + "href=\"file:///etc/hostname\" parse=\"text\"/><dcterms:type>"
        ),
        .content(
            "an inclusion in the title", .constraint("dcterms:title"), title,
            "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" "
                + "href=\"file:///etc/hostname\" parse=\"text\"/>"
        ),
        .content(
            "a schema's place", .constraint("rdf:RDF"), "<rdf:RDF ",
            "<rdf:RDF xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                + "xsi:schemaLocation=\"http://mp.stratuslab.eu/slreq# "
                + "http://127.0.0.1:9/a.xsd\" "
        ),
        .content(
            "a type by instance", .constraint("dcterms:title"), "<dcterms:title>",
            "<dcterms:title xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                + "xsi:type=\"xsi:none\">"
        ),
    ]

    private static let laughs: String = {
        let rest = (1...9).map { level in
            "<!ENTITY l\(level) \"\(String(repeating: "&l\(level - 1);", count: 10))\">"
        }
        return "<!ENTITY l0 \"ha\">" + rest.joined()
    }()

    private static func declared(_ name: String, _ type: String) -> HostileDocument {
        .text(name, refusal, "<rdf:RDF", type + "<rdf:RDF")
    }

    private static func entity(
        _ name: String, _ declaration: String, _ use: String
    ) -> HostileDocument {
        HostileDocument(name, refusal) { workshop in
            let declared = try Workshop.replace(
                "<rdf:RDF", with: "<!DOCTYPE rdf:RDF [\(declaration)]><rdf:RDF", in: workshop.draft)
            let text = try Workshop.replace(title, with: use, in: declared)
            return Array(try await Forgery().sign(text, by: workshop.endorser).utf8)
        }
    }

    /// Not signed as it stands: nobody would want to expand it for that.
    private static func expanded(
        _ name: String, _ declaration: String, _ use: String
    ) -> HostileDocument {
        HostileDocument(name, refusal) { workshop in
            let declared = try Workshop.replace(
                "<rdf:RDF", with: "<!DOCTYPE rdf:RDF [\(declaration)]><rdf:RDF",
                in: workshop.genuine)
            return Array(
                (use == title ? declared : try Workshop.replace(title, with: use, in: declared))
                    .utf8)
        }
    }

    private static func instruction(_ name: String, _ text: String) -> HostileDocument {
        HostileDocument("an instruction: \(name)", .malformed("xml-processing-instruction")) {
            workshop in
            let document = try Workshop.replace(
                "<rdf:RDF", with: text + "<rdf:RDF", in: workshop.draft)
            return Array(try await Forgery().sign(document, by: workshop.endorser).utf8)
        }
    }
}
