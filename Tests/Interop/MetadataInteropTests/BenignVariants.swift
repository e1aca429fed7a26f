// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// A good document in ways that somebody may write it without harm in mind, each signed by the
/// endorser it names. Whether it is valid is the reference's to say; ours must say the same.
struct BenignVariant: Sendable {
    let name: String
    let make: @Sendable (Workshop) async throws -> [UInt8]

    /// One change of the content.
    init(_ name: String, _ from: String, _ to: String) {
        self.name = name
        make = { workshop in
            let text = try Workshop.replace(from, with: to, in: workshop.draft)
            // What our parser refuses others may sign.
            if let bytes = try? workshop.sign(text) { return bytes }
            if let signed = try? await Forgery().sign(text, by: workshop.endorser) {
                return Array(signed.utf8)
            }
            return try await JavaReference.instance().sign(
                Array(text.utf8), workshop.endorser.issued)
        }
    }

    init(_ name: String, _ make: @escaping @Sendable (Workshop) async throws -> [UInt8]) {
        self.name = name
        self.make = make
    }

    static var all: [BenignVariant] {
        values + addresses + optional + vocabulary + striping + attributes + writing + signatures
    }

    static let end = "</rdf:Description>"
    private static let title = "<dcterms:title>CirrOS image</dcterms:title>"
    static let location = "http://example.org/cirros.img.gz"
    private static let email = "<slreq:email>endorser@example.org</slreq:email>"

    static func added(_ name: String, _ element: String) -> BenignVariant {
        BenignVariant(name, end, element + end)
    }

    /// Numbers, dates, addresses and texts that look unusual.
    private static let values: [BenignVariant] = [
        BenignVariant("bytes with spaces", ">12345<", "> 12345\n<"),
        BenignVariant("bytes with a plus sign", ">12345<", ">+12345<"),
        BenignVariant("bytes with zeros", ">12345<", ">00012345<"),
        BenignVariant("bytes of minus zero", ">12345<", ">-0<"),
        BenignVariant("no bytes at all", ">12345<", ">0<"),
        BenignVariant("serial number with spaces", ">42<", "> 42 <"),
        BenignVariant("serial number with zeros", ">42<", ">0042<"),
        BenignVariant("a very large serial number", ">42<", ">123456789012345678901234567890<"),
        BenignVariant("serial number empty", ">42<", "><"),
        BenignVariant("location empty", ">\(location)<", "><"),
        BenignVariant("location relative", ">\(location)<", ">images/cirros.img.gz<"),
        BenignVariant("location with spaces", ">\(location)<", ">http://example.org/a b.img<"),
        BenignVariant("location with spaces around", ">\(location)<", ">\n  \(location)\n  <"),
        BenignVariant(
            "location with letters beyond ASCII", ">\(location)<", ">http://exämple.org/ü<"),
        BenignVariant("location with a bad escape", ">\(location)<", ">http://example.org/%zz<"),
        BenignVariant("location that is no URI", ">\(location)<", ">::not a URI::<"),
        BenignVariant("location with two fragments", ">\(location)<", ">http://example.org/#a#b<"),
        BenignVariant("location without a host", ">\(location)<", ">http://<"),
        BenignVariant("type empty", ">base<", "><"),
        BenignVariant("type of its own", ">base<", ">anything goes<"),
        BenignVariant("type with spaces", ">base<", "> base <"),
        BenignVariant("compression of its own", ">gz<", ">lz4<"),
        BenignVariant("format of its own", ">qcow2<", ">vhdx<"),
        BenignVariant("format empty", ">qcow2<", "><"),
        BenignVariant("valid empty", ">2016-12-13T00:00:00Z<", "><"),
        BenignVariant("valid on a leap day", ">2016-12-13T00:00:00Z<", ">2016-02-29T00:00:00Z<"),
        BenignVariant("valid on 31 November", ">2016-12-13T00:00:00Z<", ">2016-11-31T00:00:00Z<"),
        BenignVariant("valid at 24 o'clock", ">2016-12-13T00:00:00Z<", ">2016-12-13T24:00:00Z<"),
        BenignVariant("valid in year 9999", ">2016-12-13T00:00:00Z<", ">9999-12-31T23:59:59Z<"),
        BenignVariant("valid in year 0000", ">2016-12-13T00:00:00Z<", ">0000-01-01T00:00:00Z<"),
        BenignVariant("valid before 1970", ">2016-12-13T00:00:00Z<", ">1969-12-31T23:59:59Z<"),
        BenignVariant("endorsed without a date", ">2016-06-18T00:00:00Z<", "><"),
        BenignVariant("valid long ago", ">2016-12-13T00:00:00Z<", ">1970-01-01T00:00:00Z<"),
        BenignVariant(
            "created empty", "2016-06-18T00:00:00Z</dcterms:created>\n        <dcterms:valid>",
            "</dcterms:created>\n        <dcterms:valid>"),
        BenignVariant(
            "algorithm MD5 in a checksum of capitals", String(repeating: "a5", count: 16),
            String(repeating: "A5", count: 16)),
        BenignVariant("MD5 with a zero more", "<slreq:value>a5", "<slreq:value>0a5"),
        BenignVariant("MD5 with digits lost", "<slreq:value>a5a5", "<slreq:value>"),
        BenignVariant("a checksum of SHA-384", ">MD5<", ">SHA-384<"),
        BenignVariant(
            "issuers several", "</slreq:issuer>",
            "</slreq:issuer><slreq:issuer>CN=Root</slreq:issuer>"),
        BenignVariant("title of one space", ">CirrOS image<", "> <"),
        BenignVariant(
            "title written from right to left", ">CirrOS image<",
            ">\u{5E9}\u{5DC}\u{5D5}\u{5DD} \u{200F}x<"),
        BenignVariant(
            "title with an override of the order of writing", ">CirrOS image<",
            ">Cirr\u{202E}egami SO<"),
        BenignVariant(
            "location with an isolate", ">\(location)<", ">http://example.org/\u{2066}a<"),
        BenignVariant("title with a zero-width space", ">CirrOS image<", ">Cirr\u{200B}OS<"),
        BenignVariant("title with a C1 control", ">CirrOS image<", ">Cirr\u{9B}OS<"),
        BenignVariant("title of a private character", ">CirrOS image<", ">\u{E000}<"),
        BenignVariant("title with a comment", ">CirrOS image<", ">CirrOS<!-- a --> image<"),
        BenignVariant(
            "identifier with a comment", "<dcterms:identifier>", "<dcterms:identifier><!-- a -->"),
        BenignVariant(
            "subject with a comment", "<slreq:subject>CN=", "<slreq:subject>CN<!-- a -->="),
        BenignVariant(
            "e-mail with a comment", "<slreq:email>endorser", "<slreq:email>endor<!-- a -->ser"),
        BenignVariant("bytes with a comment", ">12345<", ">12<!-- a -->345<"),
        BenignVariant("algorithm with a comment", ">SHA-1<", ">SHA<!-- a -->-1<"),
        BenignVariant("value with a comment", "<slreq:value>00", "<slreq:value>0<!-- a -->0"),
        BenignVariant("valid with a comment", ">2016-12-13T", ">2016-12-<!-- a -->13T"),
        BenignVariant("base with an escape", "xml:base=\"http://mp", "xml:base=\"http&#58;//mp"),
    ]

    /// Elements that may be absent, or stand more than once.
    private static let optional: [BenignVariant] = [
        ("kind", "slterms:kind", "machine"), ("os", "slterms:os", "cirros"),
        ("os-version", "slterms:os-version", "0.3.4"), ("os-arch", "slterms:os-arch", "x86_64"),
        ("version", "slterms:version", "1.7"), ("compression", "dcterms:compression", "gz"),
        ("format", "dcterms:format", "qcow2"), ("creator", "dcterms:creator", "Alice"),
        ("title", "dcterms:title", "CirrOS image"), ("tag", "dcterms:alternative", "cirros-tag"),
        ("description", "dcterms:description", "A small image"),
        ("hypervisor", "slterms:hypervisor", "kvm"), ("bus", "slterms:disks-bus", "virtio"),
        ("publisher", "dcterms:publisher", "StratusLab"),
        ("location", "slterms:location", location),
        ("valid", "dcterms:valid", "2016-12-13T00:00:00Z"),
    ].flatMap { name, element, text -> [BenignVariant] in
        let whole = "<\(element)>\(text)</\(element)>"
        return [
            BenignVariant("no \(name)", whole, ""),
            BenignVariant("\(name) twice", whole, whole + whole),
            BenignVariant(
                "\(name) with an attribute", "<\(element)>", "<\(element) xml:lang=\"en\">"),
        ]
    }

    /// The same in other characters.
    private static let writing: [BenignVariant] = [
        BenignVariant("comments all over") {
            try $0.sign($0.draft.replacing("\n", with: "\n<!-- a -->"))
        },
        BenignVariant("no white space") { try $0.sign($0.draft.replacing(#/>\s+</#, with: "><")) },
        BenignVariant("Windows' line ends") {
            try $0.sign($0.draft.replacing("\n", with: "\r\n"))
        },
        BenignVariant("tabs and empty lines") {
            try $0.sign($0.draft.replacing("    ", with: "\t\n\n"))
        },
        BenignVariant("another prefix") {
            try $0.sign($0.draft.replacing("slreq", with: "s"))
        },
        BenignVariant("a byte order mark") {
            [0xEF, 0xBB, 0xBF] + Array($0.genuine.utf8)
        },
        BenignVariant("no declaration") {
            Array($0.genuine.replacing(#/^<\?xml[^>]*>\s*/#, with: "").utf8)
        },
        BenignVariant("declared in small letters") {
            Array($0.genuine.replacing("UTF-8", with: "utf-8").utf8)
        },
        BenignVariant("declared stand-alone") {
            Array($0.genuine.replacing("\"UTF-8\"?>", with: "\"UTF-8\" standalone=\"yes\"?>").utf8)
        },
        BenignVariant(
            "a name of XML's fifth edition", end,
            "<x:\u{10000} xmlns:x=\"http://example.org/\">a</x:\u{10000}>" + end),
        BenignVariant(
            "a name of XML's fifth edition in the middle", end,
            "<x:a\u{2C2F} xmlns:x=\"http://example.org/\">a</x:a\u{2C2F}>" + end),
        BenignVariant(
            "a Chinese name", end,
            "<x:\u{4E2D} xmlns:x=\"http://example.org/\">a</x:\u{4E2D}>" + end),
        BenignVariant(
            "a namespace with letters beyond ASCII", end,
            "<x:a xmlns:x=\"http://ex\u{E4}mple.org/\">a</x:a>" + end),
        BenignVariant(
            "a namespace with spaces", end,
            "<x:a xmlns:x=\"http://example.org/a b\">a</x:a>" + end),
        BenignVariant(
            "a namespace of a mail address", end,
            "<x:a xmlns:x=\"mailto:a@example.org\">a</x:a>" + end),
        BenignVariant("bytes with a no-break space", ">12345<", ">12345\u{A0}<"),
        BenignVariant("a comment behind the signature") {
            Array($0.genuine.replacing("</rdf:RDF>", with: "<!-- a --></rdf:RDF>").utf8)
        },
        BenignVariant("space behind the signature") {
            try $0.meddled("</Signature>", "</Signature>\n\n")
        },
        BenignVariant("a space more before the signature") {
            Array($0.genuine.replacing("<Signature ", with: " <Signature ").utf8)
        },
        BenignVariant("comments around the root") {
            Array($0.genuine.replacing("<rdf:RDF ", with: "<!-- a --><rdf:RDF ").utf8)
                + Array("\n<!-- b -->\n".utf8)
        },
    ]

    /// Signatures that other tools would write.
    private static let signatures: [BenignVariant] = [
        BenignVariant("a signature by xmlsec1") { workshop in
            Array(try await Forgery().sign(workshop.draft, by: workshop.endorser).utf8)
        },
        BenignVariant("a signature with line ends between its elements") { workshop in
            var forgery = Forgery()
            forgery.canonicalization = "\n  \(forgery.canonicalization)\n  "
            return Array(try await forgery.sign(workshop.draft, by: workshop.endorser).utf8)
        },
        BenignVariant("a SignedInfo without comments in its form") { workshop in
            var forgery = Forgery()
            forgery.canonicalization = "<CanonicalizationMethod Algorithm=\"\(Forgery.c14n)\"/>"
            return Array(try await forgery.sign(workshop.draft, by: workshop.endorser).utf8)
        },
        BenignVariant("a canonical form after the enveloped transform") { workshop in
            var forgery = Forgery()
            let canonical = Forgery.transform(Forgery.c14n)
            forgery.references = [Forgery.Reference(transforms: Forgery.enveloped + canonical)]
            return Array(try await forgery.sign(workshop.draft, by: workshop.endorser).utf8)
        },
        BenignVariant("a canonical form with comments after the enveloped transform") { workshop in
            var forgery = Forgery()
            let canonical = Forgery.transform(Forgery.c14n + "#WithComments")
            forgery.references = [Forgery.Reference(transforms: Forgery.enveloped + canonical)]
            return Array(try await forgery.sign(workshop.draft, by: workshop.endorser).utf8)
        },
        BenignVariant("a SHA-1 digest") { workshop in
            var forgery = Forgery()
            forgery.references = [Forgery.Reference(digest: Forgery.dsig + "sha1")]
            return Array(try await forgery.sign(workshop.draft, by: workshop.endorser).utf8)
        },
        BenignVariant("a reference of the type Object") { workshop in
            var forgery = Forgery()
            forgery.references = [
                Forgery.Reference(attributes: "URI=\"\" Type=\"\(Forgery.dsig)Object\"")
            ]
            return Array(try await forgery.sign(workshop.draft, by: workshop.endorser).utf8)
        },
        BenignVariant("an Id of the reference") { workshop in
            var forgery = Forgery()
            forgery.references = [Forgery.Reference(attributes: "Id=\"r\" URI=\"\"")]
            return Array(try await forgery.sign(workshop.draft, by: workshop.endorser).utf8)
        },
        BenignVariant("an Id of the signature") {
            try $0.meddled("<Signature ", "<Signature Id=\"s\" ")
        },
        BenignVariant("Base64 in one line") {
            try $0.meddled(
                $0.signature, $0.signature.replacing("\n", with: ""))
        },
        BenignVariant("Base64 with carriage returns") {
            try $0.meddled($0.signature, $0.signature.replacing("\n", with: "&#13;\n"))
        },
        BenignVariant("white space within the signature") {
            try $0.meddled("<KeyInfo>", "\n  <KeyInfo>\n    ")
        },
        BenignVariant("a comment within the key information") {
            try $0.meddled("<KeyInfo>", "<KeyInfo><!-- a -->")
        },
        BenignVariant("a comment within the certificate") {
            try $0.meddled("<X509Certificate>", "<X509Certificate><!-- a -->")
        },
    ]
}
