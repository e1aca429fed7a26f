// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Somebody's folder in which `imprimatur metadata` runs, without a terminal, a configuration or a
/// password in the environment.
struct MetadataDesk: Sendable {
    let folder: TemporaryDirectory

    /// One authority for all suites.
    static let authority = Task { try await TestCertificates() }
    private static let issued = Task { try await authority.value.endorser() }

    static func endorser() async throws -> TestCertificates.Issued { try await issued.value }

    init() throws { folder = try TemporaryDirectory() }

    func metadata(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String) {
        let own = ["HOME": folder.path].merging(environment) { $1 }
        // In a session of its own no terminal can be asked for a password.
        return try await run(
            "setsid", ["--wait", Workbench.program(), "metadata"] + arguments, environment: own,
            directory: folder.path)
    }

    /// Writes an image and its document, and returns the document's name.
    func build(_ arguments: String...) async throws -> String {
        try folder.write(Self.image, to: "disk.img")
        let result = try await metadata(
            ["build", "--os", "cirros", "--os-version", "0.3.4", "--os-arch", "x86_64", "--quiet"]
                + arguments + ["disk.img"])
        guard result.status == 0 else { throw NeverHappened(description: result.output) }
        return "cirros-0.3.4-x86_64-base-.xml"
    }

    /// As ``build(_:)``, signed in place.
    func signed(_ arguments: String...) async throws -> String {
        let name = try await build()
        let endorser = try await Self.endorser()
        let result = try await metadata(
            [
                "sign", "--p12-cert", endorser.pkcs12Path, "--p12-password-file",
                endorser.passwordPath,
            ] + arguments + [name])
        guard result.status == 0 else { throw NeverHappened(description: result.output) }
        return name
    }

    /// Our signed document, signed anew by xmlsec1 with SHA-1 throughout.
    func signedAsStratusLabDid(_ document: String) async throws -> String {
        let endorser = try await Self.endorser()
        let template = try text(document)
            .replacing(
                "http://www.w3.org/2001/04/xmlenc#sha256",
                with: "http://www.w3.org/2000/09/xmldsig#sha1"
            )
            .replacing(/<DigestValue>[^<]*</, with: "<DigestValue><")
            .replacing(/<SignatureValue>[^<]*</, with: "<SignatureValue><")
            .replacing(/<X509Certificate>[^<]*<\/X509Certificate>/, with: "")
        try folder.write(template, to: "template.xml")
        let made = try await run(
            "xmlsec1",
            [
                "--sign", "--privkey-pem", "\(endorser.keyPath),\(endorser.certificatePath)",
                "--output", folder.file("old.xml"), folder.file("template.xml"),
            ])
        guard made.status == 0 else { throw NeverHappened(description: made.output) }
        return "old.xml"
    }

    /// What names an endorser's key.
    static func key(_ endorser: TestCertificates.Issued) -> [String] {
        ["--p12-cert", endorser.pkcs12Path, "--p12-password-file", endorser.passwordPath]
    }

    /// `validate` by somebody who trusts the authority.
    func validate(_ arguments: String...) async throws -> (status: Int32, output: String) {
        let authority = try await Self.authority.value.authorityPath
        return try await metadata(["validate", "--ca", authority] + arguments)
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.file(name))
    }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder.file(name), encoding: .utf8)
    }

    /// `xmlsec1`, trusting the authority.
    func xmlsec1(_ name: String) async throws -> (status: Int32, output: String) {
        try await run(
            "xmlsec1",
            [
                "--verify", "--trusted-pem", try await Self.authority.value.authorityPath,
                folder.file(name),
            ])
    }

    static let image = Array("QFI\u{fb} not really, but bytes are bytes".utf8)
}
