// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// A signature of any form, made by the `xmlsec1` command with a real key: what is wrong with it is
/// its form alone.
struct Forgery: Sendable {
    static let dsig = "http://www.w3.org/2000/09/xmldsig#"
    static let c14n = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    static let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256"
    static let enveloped = transform(dsig + "enveloped-signature")

    /// One Reference of the SignedInfo.
    struct Reference: Sendable {
        /// Attributes of the element.
        var attributes = "URI=\"\""
        /// Transform elements; nil for no Transforms at all.
        var transforms: String? = Forgery.enveloped
        var digest = Forgery.sha256
    }

    var canonicalization = "<CanonicalizationMethod Algorithm=\"\(c14n)#WithComments\"/>"
    var method = "<SignatureMethod Algorithm=\"\(dsig)rsa-sha1\"/>"
    var references = [Reference()]
    /// Content of KeyInfo, put in after signing: it is not covered. Nil for the signer's
    /// certificate, empty for no KeyInfo.
    var keyInfo: String?
    /// What follows KeyInfo inside the signature; part of the template, for it may be referred to.
    var objects = ""
    /// Attributes such as `Id` that may be referred to, by local name of their element.
    var identified: [String] = []
    /// PEM of the key, or nil for the signer's own.
    var hmacKeyPath: String?

    static func transform(_ name: String, _ content: String = "") -> String {
        content.isEmpty
            ? "<Transform Algorithm=\"\(name)\"/>"
            : "<Transform Algorithm=\"\(name)\">\(content)</Transform>"
    }

    static func certificates(_ endorsers: Endorser...) -> String {
        let certificates = endorsers.map {
            "<X509Certificate>\($0.certificateText)</X509Certificate>"
        }
        return "<X509Data>\(certificates.joined())</X509Data>"
    }

    private static let mark = "<SignatureValue/>"

    /// The signature without its values.
    var template: String {
        let references = references.map { reference in
            let transforms = reference.transforms.map { "<Transforms>\($0)</Transforms>" } ?? ""
            return "<Reference \(reference.attributes)>\(transforms)"
                + "<DigestMethod Algorithm=\"\(reference.digest)\"/><DigestValue/></Reference>"
        }
        return "<Signature xmlns=\"\(Self.dsig)\"><SignedInfo>\(canonicalization)\(method)"
            + references.joined() + "</SignedInfo>\(Self.mark)\(objects)</Signature>"
    }

    /// Signs `document` by `signer`.
    ///
    /// - Parameter place: where the signature goes: before this text, the last one of its kind.
    func sign(
        _ document: String, by signer: Endorser, before place: String = "</rdf:RDF>"
    ) async throws -> String {
        try await sign(
            document, keyPath: signer.issued.keyPath, keyInfo: Self.certificates(signer),
            before: place)
    }

    /// Signs `document` with any key.
    func sign(
        _ document: String, keyPath: String, keyInfo own: String,
        before place: String = "</rdf:RDF>"
    ) async throws -> String {
        guard let position = document.range(of: place, options: .backwards) else {
            throw NeverHappened(description: "no \(place)")
        }
        var text = document
        text.insert(contentsOf: template, at: position.lowerBound)
        let signed = try await Self.xmlsec1(
            text,
            key: hmacKeyPath.map { ["--hmackey", $0] }
                ?? ["--privkey-pem", keyPath],
            identified: identified)
        let info = keyInfo ?? own
        guard !info.isEmpty else { return signed }
        return try Workshop.replace(
            "</SignatureValue>", with: "</SignatureValue><KeyInfo>\(info)</KeyInfo>", in: signed)
    }

    private static func xmlsec1(
        _ text: String, key: [String], identified: [String]
    ) async throws -> String {
        let folder = try TemporaryDirectory()
        let output = folder.file("out.xml")
        let input = try folder.write(text, to: "in.xml")
        let ids = identified.flatMap { ["--id-attr:Id", $0] }
        let (status, messages) = try await run(
            "xmlsec1", ["--sign"] + key + ids + ["--output", output, input])
        guard status == 0, let data = FileManager.default.contents(atPath: output) else {
            throw NeverHappened(description: "xmlsec1: \(messages)")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
