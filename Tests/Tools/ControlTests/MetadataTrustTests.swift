// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import TestSupport
import Testing

/// Whom `imprimatur metadata validate` believes, and what it ends with.
@Suite("Trust in endorsers", .timeLimit(.minutes(2)))
struct MetadataTrustTests {
    private let desk: MetadataDesk

    init() throws { desk = try MetadataDesk() }

    private func authority() async throws -> String {
        try await MetadataDesk.authority.value.authorityPath
    }

    private static let subject = #"CN=Hélène Test,OU=IdG\, Grilles,O=CNRS,DC=fr"#

    @Test("Without anchors the end is 3, with them 0, and 0 when nobody asks")
    func anchors() async throws {
        let document = try await desk.signed()
        let unchecked = try await desk.metadata(["validate", document])
        #expect(unchecked.status == 3)
        #expect(
            unchecked.output == "Valid: \(document)\n  signature intact, endorser not checked\n")
        for arguments in [["--ca", try await authority()], ["--signature-only"]] {
            let result = try await desk.metadata(["validate"] + arguments + [document])
            #expect(result.status == 0 && result.output == "Valid: \(document)\n")
        }
        // What is invalid is so for everybody.
        let unsigned = try await desk.metadata(["validate", "\(document).orig"])
        #expect(unsigned.status == 1)
    }

    @Test("A directory of authorities and the variable do as well")
    func variable() async throws {
        let document = try await desk.signed()
        try FileManager.default.createDirectory(
            atPath: desk.folder.file("authorities"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: try await authority(), toPath: desk.folder.file("authorities/test.pem"))
        let named = try await desk.metadata(["validate", "--ca", "authorities", document])
        #expect(named.status == 0, "\(named.output)")
        let other = try await TestCertificates()
        let variable = [
            "IMPRIMATUR_CA": "\(other.authorityPath):\(desk.folder.file("authorities"))"
        ]
        let result = try await desk.metadata(["validate", document], environment: variable)
        #expect(result.status == 0, "\(result.output)")
        // The option goes before the variable.
        let foreign = try await desk.metadata(
            ["validate", "--ca", other.authorityPath, document], environment: variable)
        #expect(foreign.status == 1)
        #expect(
            foreign.output.hasPrefix("Invalid: \(document)\n  endorser not trusted: "),
            "\(foreign.output)")
        let asked = try await desk.metadata(
            ["validate", "--signature-only", document], environment: variable)
        #expect(asked.status == 0)
    }

    @Test("Only endorsers on the list count, and a name alone proves nothing")
    func endorsers() async throws {
        let document = try await desk.signed()
        let authority = ["--ca", try await authority()]
        func validate(
            _ arguments: [String], _ environment: [String: String] = [:]
        ) async throws -> Int32 {
            try await desk.metadata(["validate"] + arguments + [document], environment: environment)
                .status
        }
        let list = try desk.folder.write("# ours\n\n\(Self.subject)\n", to: "endorsers.txt")
        let others = try desk.folder.write("CN=Somebody Else\n", to: "others.txt")
        #expect(try await validate(authority + ["--endorser", Self.subject]) == 0)
        #expect(try await validate(authority + ["--endorser-list", list]) == 0)
        #expect(
            try await validate(
                authority + ["--endorser", "CN=Nobody", "--endorser-list", list]) == 0)
        #expect(try await validate(authority + ["--endorser", Self.subject.lowercased()]) == 1)
        #expect(try await validate(authority + ["--endorser-list", others]) == 1)
        let variable = ["IMPRIMATUR_ENDORSER_LIST": others]
        #expect(try await validate(authority, variable) == 1)
        #expect(try await validate(authority + ["--endorser-list", list], variable) == 0)
        // Anybody can make a certificate of this name.
        #expect(try await validate(["--endorser", Self.subject]) == 3)
        #expect(try await validate(["--endorser", "CN=Nobody"]) == 1)
    }

    @Test("A revoked endorser is not trusted")
    func revocation() async throws {
        let certificates = try await TestCertificates()
        let good = try await certificates.endorser("/O=Test/CN=Good")
        let bad = try await certificates.endorser("/O=Test/CN=Bad")
        let folder = certificates.directory
        func openssl(_ arguments: [String]) async throws {
            let result = try await run(
                "openssl", ["ca", "-config", folder.file("ca.cnf")] + arguments)
            #expect(result.status == 0, "\(result.output)")
        }
        try await openssl(["-revoke", bad.certificatePath])
        try await openssl(["-gencrl", "-crldays", "30", "-out", folder.file("revoked.crl")])
        var documents: [String] = []
        for endorser in [good, bad] {
            let name = try await desk.build("--title", "\(documents.count)")
            documents.append("signed-\(documents.count).xml")
            let result = try await desk.metadata(
                ["sign", "--output", documents.last ?? ""] + MetadataDesk.key(endorser) + [name])
            #expect(result.status == 0, "\(result.output)")
        }
        let validate = ["validate", "--ca", certificates.authorityPath]
        #expect(try await desk.metadata(validate + documents).status == 0)
        let result = try await desk.metadata(
            validate + ["--crl", folder.file("revoked.crl")] + documents)
        #expect(result.status == 1)
        let lines = result.output.lines
        #expect(lines.first == "Valid: signed-0.xml")
        #expect(lines.dropFirst().first == "Invalid: signed-1.xml")
        #expect(lines.last?.contains("revoked") == true, "\(result.output)")
    }

    @Test("--at judges certificates and documents for another time")
    func time() async throws {
        let document = try await desk.build("--valid-days", "10")
        let endorser = try await MetadataDesk.endorser()
        let signed = try await desk.metadata(
            ["sign"] + MetadataDesk.key(endorser) + [document])
        #expect(signed.status == 0, "\(signed.output)")
        let now = try await desk.validate(document)
        #expect(now.status == 0 && now.output == "Valid: \(document)\n", "\(now.output)")
        let then = try await desk.validate(
            "--at", "\(Timestamp.now.adding(days: 20))", document)
        #expect(then.status == 0)
        #expect(
            then.output.contains("  warning: dcterms:valid: expired at "), "\(then.output)")
        for time in ["2050-06-01T00:00:00Z", "2021-01-01T00:00:00Z"] {
            let other = try await desk.validate("--at", time, document)
            #expect(other.status == 1 && other.output.contains("endorser not trusted: "))
        }
        #expect(try await desk.validate("--at", "soon", document).status == 64)
    }

    @Test("--json has the endorser, the authority, findings and warnings")
    func json() async throws {
        let document = try await desk.signed()
        let text = try desk.text(document)
        try desk.folder.write(
            text.replacing("<dcterms:type>base<", with: "<dcterms:type>grid<"), to: "forged.xml")
        let result = try await desk.validate("--json", document, "forged.xml")
        #expect(result.status == 1)
        let reports = try result.output.lines.map(Workbench.object)
        let good = try #require(reports.first)
        #expect(good["trust"]?.string == "trusted")
        #expect(good["endorser"]?.string == Self.subject)
        #expect(good["authority"]?.string == #"CN=Test CA\, Root,DC=example,DC=org"#)
        #expect(good["certificateSHA256"]?.string?.count == 64)
        #expect(good["identifier"]?.string?.count == 27)
        guard case .array(let warnings) = good["warnings"], let warning = warnings.first,
            case .object(let members) = warning
        else {
            Issue.record("no warnings: \(result.output)")
            return
        }
        #expect(members["kind"]?.string == "weak-signature")
        let bad = try #require(reports.last)
        #expect(bad["valid"] == .boolean(false) && bad["trust"] == nil)
        guard case .array(let findings) = bad["findings"],
            case .object(let finding) = findings.first
        else {
            Issue.record("no findings: \(result.output)")
            return
        }
        #expect(finding["kind"]?.string == "signature")
        #expect(finding["rule"]?.string?.isEmpty == false)
    }

    @Test("The documents of a listing are judged one by one, without their wrapper")
    func listing() async throws {
        let document = try await desk.signed()
        let text = try desk.text(document)
        let body = text.drop { $0 != "\n" }.dropFirst()
        let forged = body.replacing("<dcterms:type>base<", with: "<dcterms:type>grid<")
        try desk.folder.write("<metadata>\n\(body)\n\(body)</metadata>", to: "good.xml")
        try desk.folder.write("<metadata>\n\(body)\n\(forged)</metadata>", to: "bad.xml")
        let good = try await desk.validate("good.xml")
        #expect(good.status == 0)
        let remark = "in a listing; the signature was checked on the unwrapped document"
        #expect(
            good.output.lines == [
                "Valid: good.xml", "  document 1 of 2 \(remark)", "  document 2 of 2 \(remark)",
            ], "\(good.output)")
        let bad = try await desk.validate("--quiet", "bad.xml")
        #expect(bad.status == 1)
        #expect(bad.output.lines.first == "Invalid: bad.xml")
        #expect(
            bad.output.contains("\n  document 2 of 2 in a listing is invalid; the signature was"))
        let json = try await desk.validate("--json", "bad.xml").output.lines
            .map(Workbench.object)
        #expect(json.map { $0["document"] } == [.integer(1), .integer(2)])
        #expect(json.map { $0["valid"] } == [.boolean(true), .boolean(false)])
        try desk.folder.write("<metadata/>", to: "empty.xml")
        #expect(try await desk.validate("empty.xml").status == 1)
    }

    @Test("What is wrong with the options ends with 64 and is named")
    func wrong() async throws {
        let document = try await desk.signed()
        let authority = try await authority()
        for (arguments, reason) in [
            (["--ca", "absent"], "absent"),
            (["--ca", document], document),
            (["--crl", "absent"], "revocation lists say nothing without --ca"),
            (["--ca", authority, "--endorser-list", "absent"], "absent"),
            (["--signature-only", "--ca", authority], "--signature-only excludes"),
        ] {
            let result = try await desk.metadata(["validate"] + arguments + [document])
            #expect(result.status == 64, "\(result.output)")
            #expect(result.output.contains(reason), "\(result.output)")
            #expect(!result.output.contains("Valid:"))
        }
    }
}
