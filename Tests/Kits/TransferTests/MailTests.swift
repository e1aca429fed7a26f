// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing
import Transfer

@Suite("Mail", .serialized, .timeLimit(.minutes(1)))
struct MailTests {
    private func message(
        subject: String = "List 42", body: String = "Hello\n", name: String? = nil
    ) throws -> MailMessage {
        MailMessage(
            from: try MailAddress("robot@example.org", name: name),
            to: [try MailAddress("list@example.org"), try MailAddress("ada@example.org")],
            subject: subject, body: body, messageID: "list-42@example.org", date: 1_447_840_800)
    }

    private func client(
        _ sink: SMTPSink, _ security: SMTPClient.Configuration.Security = .none,
        _ certificate: TestCertificates.Issued? = nil, credentials: Credentials? = nil
    ) throws -> SMTPClient {
        var configuration = SMTPClient.Configuration(
            host: "127.0.0.1", port: sink.port, security: security, credentials: credentials)
        configuration.helloName = "worker.example.org"
        configuration.caFile = certificate?.authorityPath
        return try SMTPClient(configuration)
    }

    /// Reads a mail as Python's own parser does.
    private func parsed(_ text: String) async throws -> [String: String] {
        let folder = try TemporaryDirectory()
        let path = try folder.write(text, to: "mail")
        let script = """
            import email, email.policy, json, sys
            mail = email.message_from_binary_file(open(sys.argv[1], "rb"),
                                                  policy=email.policy.default)
            fields = {name: str(value) for name, value in mail.items()}
            print(json.dumps({**fields, "body": mail.get_content(),
                              "defects": str(len(mail.defects))}))
            """
        let result = try await TestSupport.run("python3", ["-c", script, path])
        return try JSONDecoder().decode([String: String].self, from: Data(result.output.utf8))
    }

    @Test("A mail arrives with its envelope, EHLO name, and a fixed Message-ID and Date")
    func plain() async throws {
        let sink = try await SMTPSink()
        try await client(sink).send(
            try message(), envelopeFrom: try MailAddress("bounces@example.org"))
        let mail = try #require(try sink.mails().first)
        #expect(
            mail.envelope
                == SMTPSink.Envelope(
                    hello: "worker.example.org", from: "bounces@example.org",
                    to: ["list@example.org", "ada@example.org"], tls: false, user: nil))
        #expect(Array(mail.text.utf8) == (try message().rendered()))
        let fields = try await parsed(mail.text)
        #expect(fields["Message-ID"] == "<list-42@example.org>")
        #expect(fields["Date"] == "Wed, 18 Nov 2015 10:00:00 +0000")
        #expect(fields["To"] == "list@example.org, ada@example.org")
        #expect(fields["defects"] == "0")
    }

    @Test(
        "Any text survives: subject, name and body are what they were",
        arguments: [
            (
                "List 42: caf\u{e9} \u{1f680} added", "Zo\u{eb} \u{201c}Robot\u{201d}",
                "Gr\u{fc}\u{df}e\n.\n..two dots\nFrom here\n  trailing blank \ntab\t\n"
            ),
            (
                String(repeating: "\u{1f680}", count: 120), "Ada \"the\" \\ Endorser",
                String(repeating: "long = line ", count: 200) + "\n"
            ),
            ("=?utf-8?B?ZmFrZQ==?=", "a,b <c@d.e>", "\n\nempty lines first\n"),
        ])
    func anyText(subject: String, name: String, body: String) async throws {
        let sink = try await SMTPSink()
        try await client(sink).send(try message(subject: subject, body: body, name: name))
        let mail = try #require(try sink.mails().first)
        let lines = mail.text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && !$0.contains("\n") })
        #expect(mail.text.utf8.allSatisfy { $0 < 0x7f })
        let fields = try await parsed(mail.text)
        #expect(fields["Subject"] == subject)
        #expect(fields["body"] == body)
        #expect(fields["defects"] == "0")
        if !name.contains("\"") { #expect(fields["From"]?.contains(name) == true) }
    }

    @Test("Header fields cannot be smuggled in")
    func injection() throws {
        #expect(throws: TransferError.self) {
            try message(subject: "a\r\nBcc: x@example.org").rendered()
        }
        #expect(throws: TransferError.self) {
            try message(name: "a\nBcc: x@example.org").rendered()
        }
        for address in [
            "a@b\r\nBcc: c@d", "a@b>", "a b@c", "@b", "a@", "a", "a@b@c", "a@.b", "a..b@c",
            "\u{e4}@b", "a@b,c@d",
        ] {
            #expect(throws: TransferError.self) { try MailAddress(address) }
        }
        var changed = try message()
        changed.messageID = "a@b>\r\nX: y"
        #expect(throws: TransferError.self) { try changed.rendered() }
    }

    @Test(
        "4xx passes, 5xx is final, whatever the step",
        arguments: [
            ("MAIL", "451 later", true), ("RCPT", "550 no such user", false),
            ("RCPT", "450 greylisted", true), ("DATA", "554 no", false), ("END", "552 full", false),
            ("END", "452 full for now", true), ("CONNECT", "421 busy", true),
        ])
    func refusals(verb: String, reply: String, isTransient: Bool) async throws {
        let sink = try await SMTPSink()
        try sink.refuse(verb, with: reply)
        let error = await #expect(throws: TransferError.self) {
            try await client(sink).send(try message())
        }
        #expect(error?.isTransient == isTransient, "\(String(describing: error))")
        if verb != "CONNECT" {
            #expect(
                error == .mailRefused(reply: Int(reply.prefix(3)) ?? 0, text: reply))
        }
        #expect(try sink.mails().isEmpty)
        try sink.refuse(verb, with: nil)
        try await client(sink).send(try message())
        #expect(try sink.mails().count == 1)
    }

    @Test(
        "STARTTLS and TLS, with a password",
        arguments: [
            SMTPClient.Configuration.Security.startTLS, .tls,
        ])
    func encrypted(security: SMTPClient.Configuration.Security) async throws {
        let certificate = try await TestCertificates().server()
        let sink = try await SMTPSink(
            security == .tls ? .tls(certificate) : .startTLS(certificate),
            login: ("ada", "secret"))
        let credentials = try Credentials(user: "ada", password: "secret")
        try await client(sink, security, certificate, credentials: credentials)
            .send(try message())
        let mail = try #require(try sink.mails().first)
        #expect(mail.envelope.tls)
        #expect(mail.envelope.user == "ada")
        // The certificate is verified.
        await #expect(throws: TransferError.self) {
            try await client(sink, security, credentials: credentials).send(try message())
        }
        let wrong = try Credentials(user: "ada", password: "wrong")
        let error = await #expect(throws: TransferError.self) {
            try await client(sink, security, certificate, credentials: wrong)
                .send(try message())
        }
        #expect(error == .mailRefused(reply: 535, text: "535 wrong user or password"))
        #expect(try sink.mails().count == 1)
    }

    @Test("STARTTLS is insisted on, and a password is not sent in the clear")
    func noDowngrade() async throws {
        let sink = try await SMTPSink()
        let certificate = try await TestCertificates().server()
        await #expect(throws: TransferError.self) {
            try await client(sink, .startTLS, certificate).send(try message())
        }
        #expect(try sink.mails().isEmpty)
        let credentials = try Credentials(user: "ada", password: "secret")
        #expect(throws: TransferError.self) {
            try client(sink, .none, credentials: credentials)
        }
    }

    @Test("A server that is not there is transient")
    func noServer() async throws {
        let port = try freePort()
        let client = try SMTPClient(SMTPClient.Configuration(host: "127.0.0.1", port: port))
        let error = await #expect(throws: TransferError.self) {
            try await client.send(try message())
        }
        #expect(error?.isTransient == true)
    }
}
