// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Signatures
import StratusLab

/// Signs a metadata document again and again: parse, endorse, sign, validate.
struct SignCommand: MeasuredCommand {
    static let name = "sign"
    static let usage = "PKCS12 PASSWORD-FILE DOCUMENT COUNT"

    private let pkcs12: String
    private let passwordFile: String
    private let document: String
    private let count: Int

    init(_ arguments: inout Arguments) throws {
        pkcs12 = try arguments.text()
        passwordFile = try arguments.text()
        document = try arguments.text()
        count = try arguments.number()
    }

    func run() throws {
        let password = try String(contentsOfFile: passwordFile, encoding: .utf8)
        let identity = try SigningIdentity(
            pkcs12Path: pkcs12, password: password)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: document)))
        let stopwatch = Stopwatch()
        for number in 0..<count {
            _ = try MetadataDocument(parsing: bytes).signed(
                by: identity, profile: .modern, created: Timestamp(seconds: Int64(number)))
        }
        printFigures([
            "rate": Double(count) / stopwatch.seconds,
            "cpu_us": stopwatch.cpuSeconds * 1e6 / Double(count),
        ])
    }
}

/// Writes an unsigned metadata document, and a template for the xmlsec1 command.
struct DocumentCommand: MeasuredCommand {
    static let name = "document"
    static let usage = "DOCUMENT TEMPLATE"

    private let document: String
    private let template: String

    init(_ arguments: inout Arguments) throws {
        document = try arguments.text()
        template = try arguments.text()
    }

    func run() throws {
        var fields = MetadataFields()
        let sha1 = "b1df2953e81dcbf8a0c8ab1d4d0ab8e41cf93bc8"
        fields.identifier = StratusLabIdentifier(sha1: sha1)?.text ?? ""
        fields.bytes = 13_287_936
        fields.checksums = [
            .md5: "133eae9fb1c98f45894a4e60d8736619", .sha1: sha1,
            .sha256: String(repeating: "5e", count: 32),
            .sha512: String(repeating: "7a", count: 64),
        ]
        (fields.os, fields.osVersion, fields.osArch) = ("cirros", "0.3.4", "x86_64")
        (fields.version, fields.kind, fields.format) = ("1.0", "machine", "qcow2")
        (fields.title, fields.creator) = ("CirrOS 0.3.4", "Example Endorser")
        fields.description = "A very small Linux for trying clouds out."
        fields.locations = ["http://download.cirros-cloud.net/0.3.4/cirros-0.3.4-x86_64-disk.img"]
        fields.created = Timestamp(seconds: 1_447_840_800)
        fields.valid = fields.created?.adding(days: 178)
        let bytes = try MetadataDocument.build(fields).bytes
        try Data(bytes).write(to: URL(filePath: document))
        let text = String(decoding: bytes, as: UTF8.self)
        try Data(text.replacing("</rdf:RDF>", with: Self.emptySignature + "</rdf:RDF>").utf8)
            .write(to: URL(filePath: template))
    }

    /// What `xmlsec1 --sign` fills.
    private static let emptySignature = """
        <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>\
        <CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>\
        <SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>\
        <Reference URI=""><Transforms>\
        <Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>\
        </Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>\
        <DigestValue/></Reference></SignedInfo><SignatureValue/>\
        <KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature>
        """
}
