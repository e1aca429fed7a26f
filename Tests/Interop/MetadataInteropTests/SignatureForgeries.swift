// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signatures
import TestSupport

/// Signatures that are right as signatures go, and of a form that must not count: made with the
/// endorser's own key, or with a stranger's in the endorser's name.
enum SignatureForgeries {
    private static let dsig = Forgery.dsig
    private static let more = "http://www.w3.org/2001/04/xmldsig-more#"
    private static let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    private static let c14n11 = "http://www.w3.org/2006/12/xml-c14n11"
    private static let xpath = "http://www.w3.org/TR/1999/REC-xpath-19991116"
    private static let xslt = "http://www.w3.org/TR/1999/REC-xslt-19991116"
    private static let filter2 = "http://www.w3.org/2002/06/xmldsig-filter2"

    static var all: [HostileDocument] { transforms + methods + references + keys }

    /// Ways to sign less than one sees.
    private static let transforms: [HostileDocument] = [
        transforms(
            "an XPath that leaves out the locations", in: "Transform",
            [
                Forgery.enveloped,
                Forgery.transform(
                    xpath, "<XPath>not(ancestor-or-self::*[local-name()='location'])</XPath>"),
            ]),
        transforms(
            "an XPath instead of the enveloped transform", in: "Transform",
            [
                Forgery.transform(
                    xpath, "<XPath>not(ancestor-or-self::*[local-name()='Signature'])</XPath>")
            ]),
        transforms(
            "an XPath that signs nothing", in: "Transform",
            [
                Forgery.enveloped, Forgery.transform(xpath, "<XPath>false()</XPath>"),
            ]),
        transforms(
            "an XPath filter 2.0", in: "Transform",
            [
                Forgery.enveloped,
                Forgery.transform(
                    filter2,
                    "<XPath xmlns=\"\(filter2)\" "
                        + "Filter=\"subtract\">//*[local-name()='location']</XPath>"
                ),
            ]),
        transforms(
            "a style sheet", in: "Transform",
            [
                Forgery.enveloped,
                Forgery.transform(
                    xslt,
                    "<xsl:stylesheet version=\"1.0\" "
                        + "xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"><xsl:template "
                        + "match=\"/\"><a/></xsl:template></xsl:stylesheet>"
                ),
            ]),
        meddled(
            "a style sheet that reads a file", in: "Transform",
            Forgery.transform(
                xslt,
                "<xsl:stylesheet version=\"1.0\" "
                    + "xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"><xsl:template "
                    + "match=\"/\"><xsl:copy-of select=\"document('file:///dev/null')\"/>"
                    + "</xsl:template></xsl:stylesheet>"
            )),
        meddled("Base64 after the enveloped transform", Forgery.transform(dsig + "base64")),
        meddled("a transform nobody knows", Forgery.transform("urn:example:transform")),
        transforms("exclusive canonical form", [Forgery.enveloped, Forgery.transform(exclusive)]),
        transforms("Canonical XML 1.1", [Forgery.enveloped, Forgery.transform(c14n11)]),
        .meddled(
            "the canonical form before the enveloped transform", "Transforms", "<Transforms>",
            "<Transforms>" + Forgery.transform(Forgery.c14n)),
        transforms(
            "the canonical form twice",
            [Forgery.enveloped, Forgery.transform(Forgery.c14n), Forgery.transform(Forgery.c14n)]),
        transforms("the enveloped transform twice", [Forgery.enveloped, Forgery.enveloped]),
    ]

    private static let methods: [HostileDocument] = [
        .forged("exclusive canonicalization of the SignedInfo", "CanonicalizationMethod") {
            $0.canonicalization = "<CanonicalizationMethod Algorithm=\"\(exclusive)\"/>"
        },
        .forged("Canonical XML 1.1 of the SignedInfo", "CanonicalizationMethod") {
            $0.canonicalization = "<CanonicalizationMethod Algorithm=\"\(c14n11)\"/>"
        },
        .forged("exclusive canonicalization with prefixes", "CanonicalizationMethod") {
            $0.canonicalization =
                "<CanonicalizationMethod Algorithm=\"\(exclusive)\"><InclusiveNamespaces "
                + "xmlns=\"\(exclusive)\" PrefixList=\"rdf\"/></CanonicalizationMethod>"
        },
        method("rsa-md5", more + "rsa-md5"),
        method("rsa-ripemd160", more + "rsa-ripemd160"),
        method("rsa-sha224", more + "rsa-sha224"),
        method("rsa-sha384", more + "rsa-sha384"),
        method("rsa-sha512", more + "rsa-sha512"),
        digest("an MD5 digest", more + "md5"),
        digest("a RIPEMD-160 digest", "http://www.w3.org/2001/04/xmlenc#ripemd160"),
        digest("a SHA-224 digest", more + "sha224"),
        digest("a SHA-512 digest", "http://www.w3.org/2001/04/xmlenc#sha512"),
        hmac("HMAC with the certificate as the secret", "hmac-sha1", "") { workshop in
            workshop.endorser.identity.certificate.der
        },
        hmac("HMAC cut to 80 bits", "hmac-sha1", "<HMACOutputLength>80</HMACOutputLength>") { _ in
            [65]
        },
        hmac("HMAC of an empty secret", "hmac-sha1", "") { _ in [0] },
    ]

    private static let references: [HostileDocument] = [
        referred("a reference to the description", "#x", ["Description"]) {
            try $0.identified(by: "Id")
        },
        referred("a reference to the description by xml:id", "#x", []) {
            try $0.identified(by: "xml:id")
        },
        referred("a reference to the root", "#x", ["RDF"]) {
            $0.draft.replacing("<rdf:RDF ", with: "<rdf:RDF Id=\"x\" ")
        },
        referred("a pointer to the whole", "#xpointer(/)", []) { $0.draft },
        referred("a pointer to an Id", "#xpointer(id('x'))", ["Description"]) {
            try $0.identified(by: "Id")
        },
        .forged("two references to the whole", "SignedInfo") {
            $0.references = [Forgery.Reference(), Forgery.Reference()]
        },
        HostileDocument("a second reference to a part", .signature("SignedInfo")) { workshop in
            var forgery = Forgery(identified: ["Description"])
            forgery.references.append(Forgery.Reference(attributes: "URI=\"#x\"", transforms: nil))
            return try await forged(workshop, forgery, workshop.identified(by: "Id"))
        },
        .forged("thirty references", "SignedInfo") {
            $0.references = Array(repeating: Forgery.Reference(), count: 30)
        },
        .forged("a reference to an object of the signature", "Signature") {
            $0.objects = "<Object Id=\"o\">anything</Object>"
            $0.identified = ["Object"]
            $0.references = [Forgery.Reference(attributes: "URI=\"#o\"", transforms: nil)]
        },
        .forged("a manifest", "Signature") {
            let reference =
                "<Reference URI=\"\"><Transforms>\(Forgery.enveloped)</Transforms>"
                + "<DigestMethod Algorithm=\"\(Forgery.sha256)\"/><DigestValue/>"
                + "</Reference>"
            $0.objects = "<Object><Manifest Id=\"m\">\(reference)</Manifest></Object>"
            $0.identified = ["Manifest"]
            $0.references = [
                Forgery.Reference(
                    attributes: "URI=\"#m\" Type=\"\(dsig)Manifest\"", transforms: nil)
            ]
        },
        .forged("an object beside the good parts", "Signature") {
            $0.objects = "<Object>a</Object>"
        },
        .forged("properties beside the good parts", "Signature") {
            $0.objects =
                "<Object><SignatureProperties><SignatureProperty Target=\"#s\">2099"
                + "</SignatureProperty></SignatureProperties></Object>"
        },
    ]

    /// Signed by the stranger, in the endorser's name.
    private static let keys: [HostileDocument] = [
        stranger("the stranger's key as a value, the endorser's certificate", "KeyInfo") {
            keyValue + Forgery.certificates($0.endorser)
        },
        stranger("the endorser's certificate, then the stranger's key as a value", "KeyInfo") {
            Forgery.certificates($0.endorser) + keyValue
        },
        stranger("the endorser's certificate, then the stranger's", "X509Data") {
            Forgery.certificates($0.endorser, $0.stranger)
        },
        stranger("the stranger's certificate, then the endorser's", "X509Data") {
            Forgery.certificates($0.stranger, $0.endorser)
        },
        stranger("both certificates in data of their own", "KeyInfo") {
            Forgery.certificates($0.stranger) + Forgery.certificates($0.endorser)
        },
        stranger("the stranger's key as a value alone", "KeyInfo") { _ in keyValue },
        stranger("the endorser's certificate, the stranger's signature", "Signature") {
            Forgery.certificates($0.endorser)
        },
    ]

    /// Replaced by the key's numbers when the document is made.
    private static let keyValue = "<KeyValue/>"

    private static func transforms(
        _ name: String, in element: String = "Transforms", _ transforms: [String]
    ) -> HostileDocument {
        let text = transforms.joined()
        return .forged(name, element) {
            $0.references = [Forgery.Reference(transforms: text)]
        }
    }

    /// A transform more, which xmlsec1 would not apply.
    private static func meddled(
        _ name: String, in element: String = "Transforms", _ transform: String
    ) -> HostileDocument {
        .meddled(name, element, "</Transforms>", transform + "</Transforms>")
    }

    private static func method(_ name: String, _ algorithm: String) -> HostileDocument {
        .forged("the method \(name)", "SignatureMethod") {
            $0.method = "<SignatureMethod Algorithm=\"\(algorithm)\"/>"
        }
    }

    private static func digest(_ name: String, _ algorithm: String) -> HostileDocument {
        .forged(name, "DigestMethod") { $0.references = [Forgery.Reference(digest: algorithm)] }
    }

    private static func hmac(
        _ name: String, _ algorithm: String, _ content: String,
        _ secret: @escaping @Sendable (Workshop) -> [UInt8]
    ) -> HostileDocument {
        HostileDocument(name, .signature("SignatureMethod")) { workshop in
            let folder = try TemporaryDirectory()
            var forgery = Forgery()
            forgery.hmacKeyPath = try folder.write(secret(workshop), to: "secret")
            forgery.keyInfo = Forgery.certificates(workshop.endorser)
            forgery.method =
                "<SignatureMethod Algorithm=\"\(dsig)\(algorithm)\">\(content)</SignatureMethod>"
            return try await forged(workshop, forgery, workshop.draft)
        }
    }

    private static func referred(
        _ name: String, _ uri: String, _ identified: [String],
        _ document: @escaping @Sendable (Workshop) throws -> String
    ) -> HostileDocument {
        HostileDocument(name, .signature("Reference")) { workshop in
            var forgery = Forgery(identified: identified)
            forgery.references = [Forgery.Reference(attributes: "URI=\"\(uri)\"")]
            return try await forged(workshop, forgery, try document(workshop))
        }
    }

    private static func stranger(
        _ name: String, _ element: String, _ keyInfo: @escaping @Sendable (Workshop) -> String
    ) -> HostileDocument {
        HostileDocument(name, .signature(element)) { workshop in
            var forgery = Forgery()
            let value = try await numbers(of: workshop.stranger)
            forgery.keyInfo = keyInfo(workshop).replacing(keyValue, with: value)
            return Array(try await forgery.sign(workshop.draft, by: workshop.stranger).utf8)
        }
    }

    private static func forged(
        _ workshop: Workshop, _ forgery: Forgery, _ document: String
    ) async throws -> [UInt8] {
        Array(try await forgery.sign(document, by: workshop.endorser).utf8)
    }

    /// The KeyValue of somebody's RSA key.
    private static func numbers(of endorser: Endorser) async throws -> String {
        let (status, output) = try await run(
            "openssl",
            ["x509", "-noout", "-modulus", "-in", endorser.issued.certificatePath])
        let hex = output.trimmingCharacters(in: .whitespacesAndNewlines).dropFirst("Modulus=".count)
        guard status == 0, hex.count.isMultiple(of: 2) else {
            throw NeverHappened(description: output)
        }
        let pairs = stride(from: 0, to: hex.count, by: 2).compactMap { offset in
            let start = hex.index(hex.startIndex, offsetBy: offset)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)
        }
        return "<KeyValue><RSAKeyValue><Modulus>\(Data(pairs).base64EncodedString())</Modulus>"
            + "<Exponent>AQAB</Exponent></RSAKeyValue></KeyValue>"
    }
}

extension Workshop {
    /// The draft whose description can be referred to as `x`.
    func identified(by attribute: String) throws -> String {
        try Self.replace(
            "<rdf:Description ", with: "<rdf:Description \(attribute)=\"x\" ", in: draft)
    }
}
