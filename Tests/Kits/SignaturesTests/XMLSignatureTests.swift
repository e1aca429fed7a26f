// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signatures
import TestSupport
import Testing
import XMLDocuments

@Suite(.timeLimit(.minutes(2))) struct XMLSignatureTests {
    private static let made = Task {
        let certificates = try await TestCertificates()
        let issued = try await certificates.endorser()
        let other = try await certificates.endorser("/CN=other")
        return (certificates, issued, other)
    }

    private func identity(other: Bool = false) async throws -> SigningIdentity {
        let made = try await Self.made.value
        let issued = other ? made.2 : made.1
        return try SigningIdentity(pkcs12Path: issued.pkcs12Path, password: issued.password)
    }

    private static let content = """
        <r xmlns="urn:r" xmlns:x="urn:x"><x:a>Grüße &amp; 日本</x:a><!-- c --><b id="1"/></r>
        """

    private func signed(
        _ profile: XMLSignatureProfile = .stratuslab, _ content: String = Self.content
    ) async throws -> String {
        let document = try XMLDocument.parse(Array(content.utf8))
        try XMLSignature.sign(document, by: try await identity(), profile: profile)
        return String(decoding: try document.serialised(), as: UTF8.self)
    }

    private func verdict(_ text: String, sha1: Bool = false) throws -> XMLSignatureVerdict {
        XMLSignature.verify(try XMLDocument.parse(Array(text.utf8)), allowsSHA1Digest: sha1)
    }

    private func broken(_ verdict: XMLSignatureVerdict) -> String? {
        if case .invalid(let fault) = verdict { fault.element } else { nil }
    }

    @Test(arguments: XMLSignatureProfile.allCases)
    func signsAndVerifies(_ profile: XMLSignatureProfile) async throws {
        let text = try await signed(profile)
        #expect(try verdict(text) == .valid(try await identity().certificate, profile))
        #expect(text == (try await signed(profile)))
        #expect(text.contains(profile == .modern ? "#rsa-sha256" : "xmldsig#rsa-sha1"))
        #expect(text.contains("xmlenc#sha256") && !text.contains("xmldsig#sha1\""))
    }

    @Test(arguments: XMLSignatureProfile.allCases)
    func xmlsec1Agrees(_ profile: XMLSignatureProfile) async throws {
        let made = try await Self.made.value
        let directory = try TemporaryDirectory()
        let text = try await signed(profile)
        let arguments = ["--verify", "--trusted-pem", made.0.authorityPath]
        let good = try await run(
            "xmlsec1", arguments + [try directory.write(text, to: "good.xml")])
        #expect(good.status == 0, "\(good.output)")
        let changed = text.replacing("Grüße", with: "Gruss")
        let bad = try await run(
            "xmlsec1", arguments + [try directory.write(changed, to: "bad.xml")])
        #expect(bad.status != 0)
    }

    @Test func saysUnsigned() throws {
        #expect(try verdict(Self.content) == .unsigned)
    }

    @Test func findsChangedContent() async throws {
        let text = try await signed()
        #expect(broken(try verdict(text.replacing("Grüße", with: "Grusse"))) == "Signature")
        #expect(broken(try verdict(text.replacing("id=\"1\"", with: "id=\"2\""))) == "Signature")
        #expect(broken(try verdict(text.replacing("<b id", with: "<b/><b id"))) == "Signature")
        #expect(broken(try verdict(text.replacing("</r>", with: "<x:more/></r>"))) == "Signature")
    }

    /// Comments are no part of what URI="" covers: they may change, and must not hide anything.
    @Test func commentsAreNotSigned() async throws {
        let text = try await signed().replacing("Grüße", with: "Grü<!-- -->ße")
        let document = try XMLDocument.parse(Array(text.utf8))
        guard case .valid = XMLSignature.verify(document) else {
            Issue.record("a comment broke the signature")
            return
        }
        #expect(try document.root.children.first?.text == "Grüße & 日本")
    }

    @Test func findsAnotherCertificate() async throws {
        let text = try await signed()
        let certificate = try await identity(other: true).certificate
        let base64 = Data(certificate.der).base64EncodedString()
        let start = try #require(text.range(of: "<X509Certificate>"))
        let end = try #require(text.range(of: "</X509Certificate>"))
        let swapped = text[..<start.upperBound] + base64 + text[end.lowerBound...]
        #expect(broken(try verdict(String(swapped))) == "Signature")
        let two = text.replacing(
            "</X509Data>", with: "<X509Certificate>\(base64)</X509Certificate></X509Data>")
        #expect(broken(try verdict(two)) == "X509Data")
        let none = text[..<start.upperBound] + "!" + text[end.lowerBound...]
        #expect(broken(try verdict(String(none))) == "X509Certificate")
    }

    /// A signed document wrapped into another, the whole kept or moved aside.
    @Test func refusesWrapping() async throws {
        let text = try await signed()
        let body = try #require(text.split(separator: "\n", maxSplits: 1).last.map(String.init))
        #expect(broken(try verdict("<metadata>\(body)</metadata>")) == "Signature")
        let signature = try self.signature(in: text)
        let evil = "<r xmlns=\"urn:r\"><evil/>\(signature)</r>"
        #expect(broken(try verdict(evil)) == "Signature")
        let object = text.replacing(
            "</KeyInfo>", with: "</KeyInfo><Object><evil xmlns=\"urn:r\"/></Object>")
        #expect(broken(try verdict(object)) == "Signature")
        let fragment = text.replacing("<Reference URI=\"\">", with: "<Reference URI=\"#x\">")
        #expect(broken(try verdict(fragment)) == "Reference")
        #expect(
            broken(try verdict(text.replacing("<Reference URI=\"\">", with: "<Reference>")))
                == "Reference")
    }

    @Test func refusesASecondSignature() async throws {
        let text = try await signed()
        let signature = try self.signature(in: text)
        #expect(
            broken(try verdict(text.replacing("</r>", with: "\(signature)</r>"))) == "Signature")
        let nested = text.replacing("<x:a>", with: "<x:a>\(signature)")
        #expect(broken(try verdict(nested)) == "Signature")
        let empty = text.replacing(
            "<x:a>", with: "<x:a><Signature xmlns=\"\(XMLSignature.namespace.uri)\"/>")
        #expect(broken(try verdict(empty)) == "Signature")
    }

    @Test func refusesTransformsThatChooseContent() async throws {
        let text = try await signed()
        let xpath = """
            <Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>1=0</XPath>\
            </Transform></Transforms>
            """
        #expect(broken(try verdict(text.replacing("</Transforms>", with: xpath))) == "Transform")
        let xslt = """
            <Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></Transforms>
            """
        #expect(broken(try verdict(text.replacing("</Transforms>", with: xslt))) == "Transforms")
        let none = try NSRegularExpression(pattern: "<Transform [^>]*>").stringByReplacingMatches(
            in: text, range: NSRange(text.startIndex..., in: text), withTemplate: "")
        #expect(broken(try verdict(none)) == "Transforms")
        let second = text.replacing(
            "</Reference>", with: "</Reference><Reference URI=\"\"></Reference>")
        #expect(broken(try verdict(second)) == "SignedInfo")
    }

    @Test func refusesOtherAlgorithms() async throws {
        let text = try await signed()
        let mac = text.replacing("xmldsig#rsa-sha1", with: "xmldsig#hmac-sha1")
        #expect(broken(try verdict(mac)) == "SignatureMethod")
        let exclusive = text.replacing(
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
            with: "http://www.w3.org/2001/10/xml-exc-c14n#")
        #expect(broken(try verdict(exclusive)) == "CanonicalizationMethod")
        let md5 = text.replacing(
            "http://www.w3.org/2001/04/xmlenc#sha256",
            with: "http://www.w3.org/2001/04/xmldsig-more#md5")
        #expect(broken(try verdict(md5)) == "DigestMethod")
    }

    /// Signed by xmlsec1 with a SHA-1 digest, as StratusLab's own tool wrote documents.
    @Test func acceptsSHA1DigestsOnlyWhenAsked() async throws {
        let issued = try await Self.made.value.1
        let directory = try TemporaryDirectory()
        let template = try await signed().replacing(
            "http://www.w3.org/2001/04/xmlenc#sha256",
            with: "http://www.w3.org/2000/09/xmldsig#sha1")
        let (status, output) = try await run(
            "xmlsec1",
            [
                "--sign", "--privkey-pem", issued.keyPath, "--output", directory.file("signed.xml"),
                try directory.write(template, to: "template.xml"),
            ])
        try #require(status == 0, "\(output)")
        let text = try String(contentsOfFile: directory.file("signed.xml"), encoding: .utf8)
        #expect(broken(try verdict(text)) == "DigestMethod")
        #expect(
            try verdict(text, sha1: true) == .valid(try await identity().certificate, .stratuslab))
    }

    /// Many tasks sign with one identity at once; every result is the same and right.
    @Test func oneIdentityServesManyTasks() async throws {
        let identity = try await identity()
        let expected = try await signed()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    let document = try XMLDocument.parse(Array(Self.content.utf8))
                    try XMLSignature.sign(document, by: identity, profile: .stratuslab)
                    return String(decoding: try document.serialised(), as: UTF8.self)
                }
            }
            for try await text in group { #expect(text == expected) }
        }
    }

    private func signature(in text: String) throws -> String {
        let start = try #require(text.range(of: "<Signature "))
        let end = try #require(text.range(of: "</Signature>"))
        return String(text[start.lowerBound..<end.upperBound])
    }
}
