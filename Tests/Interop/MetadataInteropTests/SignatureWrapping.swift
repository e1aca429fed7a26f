// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Good signatures moved or dressed up so that what is read is not what was signed: the attacks
/// XSW1 to XSW8 of Somorovsky et al., "On Breaking SAML" (2012), as far as a signature over a whole
/// document allows, and their kin.
enum SignatureWrapping {
    private static let evil =
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
        + "xmlns:dcterms=\"http://purl.org/dc/terms/\" "
        + "xmlns:slreq=\"http://mp.stratuslab.eu/slreq#\" "
        + "xmlns:slterms=\"http://mp.stratuslab.eu/slterms#\" "
        + "xml:base=\"http://mp.stratuslab.eu/\">"
        + "<rdf:Description rdf:about=\"#\(Workshop.identifier)\">"
        + "<dcterms:valid>2099-01-01T00:00:00Z</dcterms:valid>"
        + "<slterms:location>http://evil.example.net/</slterms:location>"
        + "</rdf:Description></rdf:RDF>"

    static var all: [HostileDocument] { moved + stuffed + wrapped + several }

    /// The enveloped transform takes a signature out wherever it stands: moving breaks nothing.
    private static let moved: [HostileDocument] = [
        moved("the signature inside the description", "Signature") {
            ("</rdf:Description>", $0 + "</rdf:Description>")
        },
        moved("the signature inside the endorsement", "Signature") {
            ("</slreq:endorsement>", $0 + "</slreq:endorsement>")
        },
        moved("the signature inside a checksum", "Signature") {
            ("</slreq:checksum>", $0 + "</slreq:checksum>")
        },
        moved("the signature inside the title", "Signature") {
            ("</dcterms:title>", $0 + "</dcterms:title>")
        },
        moved("the signature before the description", "Signature") {
            ("<rdf:Description", $0 + "<rdf:Description")
        },
        HostileDocument("the signature behind the root", .malformed("xml-well-formed")) {
            Array(($0.draft + $0.signature).utf8)
        },
        HostileDocument("the signature before the root", .malformed("xml-well-formed")) {
            let text = try Workshop.replace(
                "<rdf:RDF", with: $0.signature + "<rdf:RDF", in: $0.draft)
            return Array(text.utf8)
        },
    ]

    /// What stands inside the signature is not signed.
    private static let stuffed: [HostileDocument] = [
        stuffed("a second document in an object", "<Object>\(evil)</Object>"),
        stuffed(
            "a description in an object", "<Object><rdf:Description rdf:about=\"#x\"/></Object>"),
        stuffed(
            "a location in an object",
            "<Object><slterms:location>http://evil.example.net/</slterms:location></Object>"),
        stuffed("a second document without an object", evil),
        moved("a second document in an object, the signature first", .signature("Signature")) {
            let signature = $0.replacing(
                "</Signature>", with: "<Object>\(evil)</Object></Signature>")
            return ("<rdf:Description", signature + "<rdf:Description")
        },
        moved(
            "a second document in an object, the signature in the description",
            .signature("Signature")
        ) {
            let signature = $0.replacing(
                "</Signature>", with: "<Object>\(evil)</Object></Signature>")
            return ("<slterms:location>", signature + "<slterms:location>")
        },
        .meddled(
            "a second document in the key information", "KeyInfo", "</KeyInfo>", evil + "</KeyInfo>"
        ),
        .meddled(
            "a second document in the X.509 data", "X509Data", "</X509Data>", evil + "</X509Data>"),
        .meddled(
            "a second document in the transform", "Transform",
            "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>",
            Forgery.transform(Forgery.dsig + "enveloped-signature", evil)
        ),
        .meddled(
            "a location in the signature value", "SignatureValue", "<SignatureValue>",
            "<SignatureValue><slterms:location>http://evil.example.net/</slterms:location>"),
    ]

    /// The good document, whole, inside another.
    private static let wrapped: [HostileDocument] = [
        wrapped("the good document in a description of another", .signature("Signature")) {
            genuine in
            "<rdf:Description rdf:about=\"#x\"><dcterms:relation>\(genuine)"
                + "</dcterms:relation></rdf:Description>"
        },
        wrapped("the good document beside another", .signature("Signature")) { genuine in
            "<rdf:Description rdf:about=\"#x\"/>\(genuine)"
        },
        HostileDocument(
            "the good document in an object of its own signature", .signature("Signature")
        ) {
            let root = try body($0.genuine)
            let object = "<Object>\(root)</Object></Signature>"
            let signature = $0.signature.replacing("</Signature>", with: object)
            let text = try Workshop.replace($0.signature, with: signature, in: $0.genuine)
            return Array(
                text.replacing("http://example.org/", with: "http://evil.example.net/").utf8)
        },
        HostileDocument("a signed part beside another description", .notMetadata("rdf:Description"))
        {
            workshop in
            var forgery = Forgery(identified: ["Description"])
            forgery.references = [Forgery.Reference(attributes: "URI=\"#x\"")]
            let signed = try await forgery.sign(
                try workshop.identified(by: "Id"), by: workshop.endorser)
            return Array(
                try Workshop.replace(
                    "<rdf:Description ",
                    with: "<rdf:Description rdf:about=\"#y\"/><rdf:Description ",
                    in: signed
                ).utf8)
        },
        HostileDocument("a signed part under an Id that stands twice", .signature("Reference")) {
            workshop in
            var forgery = Forgery(identified: ["Description"])
            forgery.references = [Forgery.Reference(attributes: "URI=\"#x\"")]
            let signed = try await forgery.sign(
                try workshop.identified(by: "Id"), by: workshop.endorser)
            return Array(
                try Workshop.replace(
                    "<slterms:location>", with: "<slterms:location Id=\"x\">", in: signed
                )
                .utf8)
        },
        HostileDocument("the good document as an attribute's text", .signature("Signature")) {
            Array(
                try Workshop.replace(
                    "<rdf:Description ", with: "<rdf:Description xml:lang=\"evil\" ", in: $0.genuine
                )
                .utf8)
        },
    ]

    private static let several: [HostileDocument] = [
        HostileDocument("the signature twice", .signature("Signature")) {
            Array(
                try Workshop.replace(
                    $0.signature, with: $0.signature + $0.signature, in: $0.genuine
                ).utf8)
        },
        HostileDocument("the endorser's signature, then a stranger's", .signature("Signature")) {
            let other = try Workshop.split(
                String(decoding: try $0.sign($0.draft, by: $0.stranger), as: UTF8.self))
            return Array(
                try Workshop.replace(
                    $0.signature, with: $0.signature + other.signature, in: $0.genuine
                ).utf8)
        },
        HostileDocument("a stranger's signature, then the endorser's", .signature("Signature")) {
            let other = try Workshop.split(
                String(decoding: try $0.sign($0.draft, by: $0.stranger), as: UTF8.self))
            return Array(
                try Workshop.replace(
                    $0.signature, with: other.signature + $0.signature, in: $0.genuine
                ).utf8)
        },
        HostileDocument("a signature signed again", .signature("Signature")) {
            try $0.sign($0.genuine)
        },
        HostileDocument("a signature within the signature", .signature("Signature")) {
            try $0.meddled("</KeyInfo>", "</KeyInfo><Object>\($0.signature)</Object>")
        },
        HostileDocument("an empty signature in the description", .signature("Signature")) {
            try $0.resigned(
                "</rdf:Description>", "<Signature xmlns=\"\(Forgery.dsig)\"/></rdf:Description>")
        },
    ]

    private static func moved(
        _ name: String, _ element: String, _ place: @escaping @Sendable (String) -> (String, String)
    ) -> HostileDocument {
        moved(name, .signature(element), place)
    }

    private static func moved(
        _ name: String, _ refusal: Refusal,
        _ place: @escaping @Sendable (String) -> (String, String)
    ) -> HostileDocument {
        HostileDocument(name, refusal) {
            let (from, to) = place($0.signature)
            return Array(try Workshop.replace(from, with: to, in: $0.draft).utf8)
        }
    }

    private static func stuffed(_ name: String, _ content: String) -> HostileDocument {
        .meddled(name, "Signature", "</Signature>", content + "</Signature>")
    }

    /// A new root around `content`, which gets the good document without its declaration.
    private static func wrapped(
        _ name: String, _ refusal: Refusal, _ content: @escaping @Sendable (String) -> String
    ) -> HostileDocument {
        HostileDocument(name, refusal) {
            let open = evil.prefix { $0 != ">" } + ">"
            return Array((open + content(try body($0.genuine)) + "</rdf:RDF>").utf8)
        }
    }

    private static func body(_ text: String) throws -> String {
        guard let start = text.range(of: "<rdf:RDF") else {
            throw NeverHappened(description: "no root")
        }
        return String(text[start.lowerBound...])
    }
}
