// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@Suite("imprimatur metadata sign", .timeLimit(.minutes(2)))
struct MetadataSignTests {
    private let desk: MetadataDesk

    init() throws { desk = try MetadataDesk() }

    /// The document is as it was, and nothing lies beside it.
    private func expectUntouched(_ document: String, _ text: String) throws {
        #expect(try desk.text(document) == text)
        #expect(!desk.exists(document + ".orig") && !desk.exists(document + ".new"))
    }

    @Test("Both profiles are what xmlsec1 verifies", arguments: ["stratuslab", "modern"])
    func profiles(_ profile: String) async throws {
        let document = try await desk.signed("--profile", profile)
        let verified = try await desk.xmlsec1(document)
        #expect(verified.status == 0, "\(verified.output)")
        let method = profile == "modern" ? "xmldsig-more#rsa-sha256" : "xmldsig#rsa-sha1"
        #expect(try desk.text(document).contains("\(method)\"/>"))
        let valid = try await desk.validate("--verbose", document)
        #expect(valid.status == 0)
        #expect(valid.output.contains(", \(profile), valid until "))
    }

    @Test("The same key, document and time give the same bytes")
    func deterministic() async throws {
        let document = try await desk.build()
        let endorser = try await MetadataDesk.endorser()
        for output in ["first.xml", "second.xml"] {
            let result = try await desk.metadata([
                "sign", "--p12-cert", endorser.pkcs12Path, "--p12-password-file",
                endorser.passwordPath, "--created", "2026-03-02T09:30:00Z", "--quiet", "--output",
                output, document,
            ])
            #expect(result.status == 0 && result.output == "", "\(result.output)")
        }
        #expect(try desk.text("first.xml") == desk.text("second.xml"))
        #expect(
            try desk.text("first.xml").contains(
                "<dcterms:created>2026-03-02T09:30:00Z</dcterms:created>"))
    }

    @Test("A password in the arguments is refused and not repeated")
    func passwordInArguments() async throws {
        let document = try await desk.build()
        let text = try desk.text(document)
        let endorser = try await MetadataDesk.endorser()
        for arguments in [["--p12-password", "s3cret"], ["--p12-password=s3cret"]] {
            let result = try await desk.metadata(
                ["sign", "--p12-cert", endorser.pkcs12Path] + arguments + [document])
            #expect(result.status == 64)
            #expect(result.output.contains("--p12-password-file"))
            #expect(result.output.contains("IMPRIMATUR_P12_PASSWORD"))
            #expect(!result.output.contains("s3cret"))
        }
        try expectUntouched(document, text)
    }

    @Test("A wrong password ends with 1, without a terminal none ends with 64")
    func passwords() async throws {
        let document = try await desk.build()
        let text = try desk.text(document)
        let endorser = try await MetadataDesk.endorser()
        let sign = ["sign", "--p12-cert", endorser.pkcs12Path]
        let wrong = try await desk.metadata(
            sign + [document], environment: ["IMPRIMATUR_P12_PASSWORD": "gu3ssed"])
        #expect(wrong.status == 1)
        #expect(
            wrong.output
                == "imprimatur: \(endorser.pkcs12Path): wrong password for the PKCS#12 file\n")
        let none = try await desk.metadata(sign + [document])
        #expect(none.status == 64)
        #expect(none.output.contains("no password: give --p12-password-file"))
        let absent = try await desk.metadata(sign + ["--p12-password-file", "absent", document])
        #expect(absent.status == 64)
        #expect(absent.output.contains("the password file 'absent' cannot be read"))
        // The file goes before the variable.
        let both = try await desk.metadata(
            sign + ["--p12-password-file", endorser.passwordPath, "--output", "out.xml", document],
            environment: ["IMPRIMATUR_P12_PASSWORD": "gu3ssed"])
        #expect(both.status == 0, "\(both.output)")
        try expectUntouched(document, text)
    }

    @Test("On a terminal the password is asked for and not shown")
    func terminal() async throws {
        let document = try await desk.build()
        let endorser = try await MetadataDesk.endorser()
        let script = """
            import os, pty, sys
            child, terminal = pty.fork()
            if child == 0:
                os.execv(sys.argv[2], sys.argv[2:])
            seen = b""
            while not seen.endswith(b"password: "):
                seen += os.read(terminal, 1024)
            os.write(terminal, sys.argv[1].encode() + b"\\n")
            try:
                while piece := os.read(terminal, 1024):
                    seen += piece
            except OSError:
                pass
            sys.stdout.write(seen.decode())
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """
        let result = try await run(
            "python3",
            [
                "-c", script, endorser.password, Workbench.program(), "metadata", "sign",
                "--p12-cert", endorser.pkcs12Path, document,
            ], directory: desk.folder.path)
        #expect(result.status == 0, "\(result.output)")
        #expect(
            result.output.contains("PKCS12 (P12) cert '\(endorser.pkcs12Path)' password: "))
        #expect(result.output.contains("Metadata file successfully signed: \(document)"))
        #expect(!result.output.contains(endorser.password))
        #expect(try await desk.validate(document).status == 0)
    }

    @Test("An expired or a coming certificate does not sign")
    func validity() async throws {
        let document = try await desk.build()
        let text = try desk.text(document)
        for (from, to, reason) in [
            ("20200101000000Z", "20210101000000Z", "the certificate expired at 2021-01-01"),
            (
                "20480101000000Z", "20491231235959Z",
                "the certificate is not valid before 2048-01-01"
            ),
        ] {
            let endorser = try await MetadataDesk.authority.value.endorser(
                notBefore: from, notAfter: to)
            let result = try await desk.metadata([
                "sign", "--p12-cert", endorser.pkcs12Path, "--p12-password-file",
                endorser.passwordPath, document,
            ])
            #expect(result.status == 1)
            #expect(
                result.output.contains("Error signing metadata file: \(reason)"),
                "\(result.output)")
        }
        try expectUntouched(document, text)
    }

    @Test("An address is taken from --email when the certificate has none")
    func email() async throws {
        let document = try await desk.build()
        let endorser = try await MetadataDesk.authority.value.endorser(
            "/C=FR/CN=No Address", email: nil)
        let sign = [
            "sign", "--p12-cert", endorser.pkcs12Path, "--p12-password-file",
            endorser.passwordPath,
        ]
        #expect(try await desk.metadata(sign + [document]).status == 1)
        let result = try await desk.metadata(sign + ["--email", "ada@example.org", document])
        #expect(result.status == 0, "\(result.output)")
        #expect(try desk.text(document).contains("<slreq:email>ada@example.org</slreq:email>"))
    }

    @Test("A missing file, key or document that is none is named")
    func missing() async throws {
        let endorser = try await MetadataDesk.endorser()
        let key = [
            "--p12-cert", endorser.pkcs12Path, "--p12-password-file", endorser.passwordPath,
        ]
        let absent = try await desk.metadata(["sign"] + key + ["absent.xml"])
        #expect(absent.status == 64)
        #expect(
            absent.output
                == "imprimatur: Metadata file doesn't exist or is not a file: absent.xml\n")
        let document = try await desk.build()
        let noKey = try await desk.metadata(["sign", document])
        #expect(noKey.status == 64)
        #expect(noKey.output.contains("\(desk.folder.path)/.globus/usercert.p12' cannot be read"))
        let variable = try await desk.metadata(
            ["sign", "--p12-password-file", endorser.passwordPath, "--output", "o.xml", document],
            environment: ["STRATUSLAB_P12_CERTIFICATE": endorser.pkcs12Path])
        #expect(variable.status == 0, "\(variable.output)")
        try desk.folder.write("<html/>", to: "page.xml")
        let page = try await desk.metadata(["sign"] + key + ["page.xml"])
        #expect(page.status == 1)
        #expect(page.output.contains("page.xml: not a StratusLab metadata document"))
    }
}
