// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signatures
import TestSupport
import Testing
import XMLDocuments

/// Each rule about the form of a signature, by a signature that breaks it alone.
@Suite(.timeLimit(.minutes(2))) struct XMLSignatureFormTests {
    private static let made = Task {
        let issued = try await TestCertificates().endorser()
        let identity = try SigningIdentity(
            pkcs12Path: issued.pkcs12Path, password: issued.password)
        let document = try XMLDocument.parse(Array("<r xmlns=\"urn:r\">\n<a>x</a></r>".utf8))
        try XMLSignature.sign(document, by: identity, profile: .modern)
        return String(decoding: try document.serialised(), as: UTF8.self)
    }

    private func fault(_ text: String) throws -> XMLSignatureFault? {
        let verdict = XMLSignature.verify(try XMLDocument.parse(Array(text.utf8)))
        return if case .invalid(let fault) = verdict { fault } else { nil }
    }

    private func fault(_ from: String, _ to: String) async throws -> XMLSignatureFault? {
        let text = try await Self.made.value
        try #require(text.contains(from), "the signature has changed")
        return try fault(text.replacing(from, with: to, maxReplacements: 1))
    }

    @Test func acceptsTheOneForm() async throws {
        #expect(try fault(try await Self.made.value) == nil)
    }

    /// What no signature covers and no reader minds: white space between the elements outside of
    /// SignedInfo, and where the lines of Base64 end.
    @Test(arguments: [
        ("<KeyInfo>", "<KeyInfo>\n  "), ("<X509Certificate>", "<X509Certificate>\r\n\t "),
        ("<SignatureValue>", " <SignatureValue> "),
    ])
    func acceptsWhiteSpace(_ from: String, _ to: String) async throws {
        #expect(try await fault(from, to) == nil)
    }

    @Test(arguments: [
        ("Signature", "<Signature ", "<Signature Id=\"x\" "),
        ("SignedInfo", "<SignedInfo>", "<SignedInfo Id=\"x\">"),
        ("SignatureValue", "<SignatureValue>", "<SignatureValue Id=\"x\">"),
        ("Reference", "<Reference URI=\"\">", "<Reference Id=\"x\" URI=\"\">"),
        ("Reference", "<Reference URI=\"\">", "<Reference Type=\"x\" URI=\"\">"),
        ("KeyInfo", "<KeyInfo>", "<KeyInfo Id=\"x\">"),
        ("X509Certificate", "<X509Certificate>", "<X509Certificate xml:space=\"default\">"),
        ("KeyInfo", "<KeyInfo>", "<KeyInfo>text"),
        ("KeyInfo", "<KeyInfo>", "<KeyInfo><!-- comment -->"),
        ("SignedInfo", "<SignedInfo>", "<SignedInfo><!-- comment -->"),
        ("X509Certificate", "<X509Certificate>", "<X509Certificate><!-- comment -->"),
        ("KeyInfo", "<KeyInfo>", "<KeyInfo><KeyName>x</KeyName>"),
        ("KeyInfo", "<KeyInfo>", "<KeyInfo><KeyValue/>"),
        ("KeyInfo", "<KeyInfo>", "<KeyInfo><X509Data/>"),
        ("X509Data", "<X509Certificate>", "<X509SubjectName/><X509Certificate>"),
        ("X509Data", "<X509Certificate>", "<X509Certificate/><X509Certificate>"),
        ("Signature", "</Signature>", "<Object/></Signature>"),
        ("Signature", "<SignedInfo>", "<SignedInfo xmlns=\"urn:other\">"),
        ("SignedInfo", "</SignedInfo>", "<Reference URI=\"\"/></SignedInfo>"),
        ("SignatureMethod", "rsa-sha256\"/>", "rsa-sha256\"><HMACOutputLength/></SignatureMethod>"),
    ])
    func refusesOtherForms(_ element: String, _ from: String, _ to: String) async throws {
        let fault = try await fault(from, to)
        #expect(fault?.rule == .form, "\(String(describing: fault))")
        #expect(fault?.element == element)
    }

    @Test(arguments: [
        (XMLSignatureFault.Rule.place, "</r>", "<x/></r>"),
        (.count, "</r>", "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/></r>"),
        (.reference, "URI=\"\"", "URI=\"#x\""),
        (.reference, " URI=\"\"", ""),
        (.transforms, "#enveloped-signature", "#base64"),
        (.canonicalization, "REC-xml-c14n-20010315", "REC-xml-c14n-20010316"),
        (.method, "rsa-sha256", "rsa-sha512"),
        (.digestMethod, "xmlenc#sha256", "xmlenc#sha512"),
        (.base64, "<DigestValue>", "<DigestValue>="),
        (.base64, "<SignatureValue>", "<SignatureValue>!"),
        (.base64, "<X509Certificate>", "<X509Certificate>&#xA0;"),
        (.certificate, "<X509Certificate>", "<X509Certificate>AAAA"),
        (.mismatch, "<a>x</a>", "<a>y</a>"),
    ])
    func namesTheRule(_ rule: XMLSignatureFault.Rule, _ from: String, _ to: String) async throws {
        let fault = try await fault(from, to)
        #expect(fault?.rule == rule, "\(String(describing: fault))")
        #expect((fault?.line ?? 0) > 1)
    }

    /// The last digit before the padding has bits that mean nothing; only zeros are accepted.
    @Test func refusesBase64WithBitsToSpare() async throws {
        let text = try await Self.made.value
        let digest = try #require(text.firstMatch(of: #/<DigestValue>([^<]*)([^<])=</#))
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let last = try #require(digits.firstIndex(of: Character(String(digest.2))))
        let changed = text.replacing(
            digest.0, with: "<DigestValue>\(digest.1)\(digits[last + 1])=<")
        #expect(try fault(changed)?.rule == .base64)
    }

    /// RFC 8017 keys of other sizes, in certificates made for the purpose.
    @Test func judgesTheSizeOfKeys() async throws {
        let folder = try TemporaryDirectory()
        for (bits, isBelieved, isBelievedIfOld) in [
            (1024, false, true), (1536, false, true), (2048, true, true), (3072, true, true),
        ] {
            let text = try await sign("rsa:\(bits)", in: folder)
            let document = try XMLDocument.parse(Array(text.utf8))
            let strict = XMLSignature.verify(document)
            let old = XMLSignature.verify(document, allowsSHA1Digest: true)
            if case .valid = strict { #expect(isBelieved) } else { #expect(!isBelieved) }
            if case .valid = old { #expect(isBelievedIfOld) } else { #expect(!isBelievedIfOld) }
            if case .invalid(let fault) = strict { #expect(fault.rule == .key) }
            #expect(XMLSignatureStrength(of: document)?.keyBits == bits)
        }
    }

    /// Signs a template of ours with xmlsec1 and a new key.
    private func sign(_ key: String, in folder: TemporaryDirectory) async throws -> String {
        let (status, output) = try await run(
            "openssl",
            [
                "req", "-x509", "-newkey", key, "-nodes", "-keyout", folder.file("key.pem"),
                "-out", folder.file("certificate.pem"), "-subj", "/CN=a", "-days", "2",
            ])
        try #require(status == 0, "\(output)")
        let pem = try String(contentsOfFile: folder.file("certificate.pem"), encoding: .utf8)
        let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        let template = try await Self.made.value
            .replacing(#/<X509Certificate>[^<]*</#, with: "<X509Certificate>\(base64)<")
            .replacing(#/<DigestValue>[^<]*</#, with: "<DigestValue><")
            .replacing(#/<SignatureValue>[^<]*</#, with: "<SignatureValue><")
        let signed = try await run(
            "xmlsec1",
            [
                "--sign", "--privkey-pem", folder.file("key.pem"), "--output",
                folder.file("signed.xml"), try folder.write(template, to: "template.xml"),
            ])
        try #require(signed.status == 0, "\(signed.output)")
        return try String(contentsOfFile: folder.file("signed.xml"), encoding: .utf8)
    }
}
