// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Good signatures with keys that must not be believed, by the owner of the certificate inside.
enum WeakKeys {
    private static let more = "http://www.w3.org/2001/04/xmldsig-more#"

    static let all: [HostileDocument] = [
        signed("an RSA key of 512 bits", "X509Certificate", Forgery.dsig + "rsa-sha1", ["rsa:512"]),
        signed(
            "an RSA key of 1023 bits", "X509Certificate", Forgery.dsig + "rsa-sha1", ["rsa:1023"]),
        signed(
            "an RSA key of 1023 bits with SHA-256", "X509Certificate", more + "rsa-sha256",
            ["rsa:1023"]),
        signed(
            "an elliptic curve", "SignatureMethod", more + "ecdsa-sha256",
            ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        HostileDocument("a DSA key", .signature("SignatureMethod")) { workshop in
            let folder = try TemporaryDirectory()
            let parameters = folder.file("parameters.pem")
            try await openssl(["dsaparam", "-out", parameters, "1024"])
            return try await sign(
                workshop, Forgery.dsig + "dsa-sha1", ["dsa:" + parameters], folder)
        },
    ]

    private static func signed(
        _ name: String, _ element: String, _ method: String, _ key: [String]
    ) -> HostileDocument {
        HostileDocument(name, .signature(element)) {
            try await sign($0, method, key, try TemporaryDirectory())
        }
    }

    /// The draft, endorsed and signed by the owner of a new key.
    private static func sign(
        _ workshop: Workshop, _ method: String, _ key: [String], _ folder: TemporaryDirectory
    ) async throws -> [UInt8] {
        let keyPath = folder.file("key.pem")
        let certificate = folder.file("certificate.pem")
        try await openssl(
            ["req", "-x509", "-noenc", "-subj", "/CN=Weak", "-days", "3650", "-newkey"] + key
                + ["-keyout", keyPath, "-out", certificate])
        let text = try String(contentsOfFile: certificate, encoding: .utf8)
        let base64 = text.split(separator: "\n").dropFirst().dropLast().joined(separator: "\n")
        var draft = workshop.draft
        for name in ["subject", "issuer"] {
            let element = SignatureTampering.element("slreq:\(name)", of: draft)
            draft = try Workshop.replace(
                element, with: "<slreq:\(name)>CN=Weak</slreq:\(name)>", in: draft)
        }
        var forgery = Forgery()
        forgery.method = "<SignatureMethod Algorithm=\"\(method)\"/>"
        let keyInfo = "<X509Data><X509Certificate>\(base64)</X509Certificate></X509Data>"
        return Array(try await forgery.sign(draft, keyPath: keyPath, keyInfo: keyInfo).utf8)
    }

    private static func openssl(_ arguments: [String]) async throws {
        let (status, output) = try await run("openssl", arguments)
        guard status == 0 else { throw NeverHappened(description: output) }
    }
}
