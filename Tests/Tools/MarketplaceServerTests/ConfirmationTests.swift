// SPDX-License-Identifier: Apache-2.0
import Foundation
import StratusLab
import TestSupport
import Testing

/// `--confirmation manual`: the endorser confirms by a link in a mail.
@Suite(.timeLimit(.minutes(2)))
struct ConfirmationTests {
    private static func spooled() async throws -> (MarketplaceServer, TemporaryDirectory) {
        let spool = try TemporaryDirectory()
        let server = try await MarketplaceServer([
            "--confirmation", "manual", "--mail-spool", spool.path,
        ])
        return (server, spool)
    }

    private static func mails(_ spool: TemporaryDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: spool.path).map {
            try String(contentsOfFile: spool.file($0), encoding: .utf8)
                .replacingOccurrences(of: "=\r\n", with: "")
        }
    }

    private static func link(_ mail: String, _ command: String) throws -> String {
        let pattern = try Regex("http://[^\\s]+/action/[0-9a-f-]{36}/\(command)/")
        return String(mail[try #require(mail.firstMatch(of: pattern)).range])
    }

    @Test func theLinkPublishes() async throws {
        let (server, spool) = try await Self.spooled()
        let client = try MarketplaceClient(MarketplaceClient.Configuration(url: server.url))
        let sample = try await Samples.document()
        let answer = try await Curl.post(server.url + "metadata", sample.bytes)
        #expect(answer.status == 202)
        #expect(answer.text == "confirmation email sent for new metadata entry\n")
        #expect(answer.headers["location"] == nil)
        #expect(try await client.lookup(sample.entry) == nil)
        // The same document again waits for the same mail.
        #expect(try await client.upload(sample.bytes) == .awaitingConfirmation)
        let mails = try Self.mails(spool)
        #expect(mails.count == 1)
        let mail = try #require(mails.first)
        #expect(mail.contains("To: ada@example.org") && mail.contains(sample.entry.identifier))

        let link = try Self.link(mail, "confirm")
        let confirmed = try await Curl.get(link)
        #expect(confirmed.status == 201 && confirmed.text == "metadata entry created\n")
        #expect(try await client.lookup(sample.entry) == sample.bytes)
        #expect(try await Curl.get(link).status == 404)
        // What is published needs no confirmation.
        #expect(
            try await client.upload(sample.bytes)
                == .created(location: server.url + sample.entry.path))
    }

    @Test(arguments: ["abort", "abuse"])
    func theEndorserMayDecline(command: String) async throws {
        let (server, spool) = try await Self.spooled()
        let sample = try await Samples.document()
        _ = try await Curl.post(server.url + "metadata", sample.bytes)
        let mail = try #require(try Self.mails(spool).first)
        #expect(try await Curl.get(try Self.link(mail, command)).status == 200)
        #expect(try await Curl.get(try Self.link(mail, "confirm")).status == 404)
        #expect(try await Curl.get(server.url + sample.entry.path).status == 404)
    }

    @Test func whatBecameOlderMeanwhileIsRefused() async throws {
        let (server, spool) = try await Self.spooled()
        let old = try await Samples.document(created: "2026-01-01T00:00:00Z")
        let new = try await Samples.document(created: "2026-01-02T00:00:00Z")
        for sample in [old, new] {
            #expect(try await Curl.post(server.url + "metadata", sample.bytes).status == 202)
        }
        let mails = try Self.mails(spool)
        let second = try #require(mails.first { $0.contains("2026-01-02T") })
        let first = try #require(mails.first { $0.contains("2026-01-01T") })
        #expect(try await Curl.get(try Self.link(second, "confirm")).status == 201)
        #expect(try await Curl.get(try Self.link(first, "confirm")).status == 400)
    }

    @Test func pendingUploadsSurviveAKill() async throws {
        let (server, spool) = try await Self.spooled()
        let sample = try await Samples.document()
        _ = try await Curl.post(server.url + "metadata", sample.bytes)
        try await server.kill()
        try await server.start()
        let mail = try #require(try Self.mails(spool).first)
        #expect(try await Curl.get(try Self.link(mail, "confirm")).status == 201)
    }

    @Test func mailGoesThroughAServer() async throws {
        let sink = try await SMTPSink()
        let server = try await MarketplaceServer([
            "--confirmation", "manual", "--smtp", "127.0.0.1:\(sink.port)",
        ])
        let sample = try await Samples.document()
        try sink.refuse("RCPT", with: "450 later")
        let failed = try await Curl.post(server.url + "metadata", sample.bytes)
        #expect(failed.status == 500)
        #expect(failed.text.contains("<error>error sending confirmation email</error>"))
        try sink.refuse("RCPT", with: nil)
        let sent = try await Curl.post(server.url + "metadata", sample.bytes)
        #expect(sent.status == 202, "\(server.log)")
        let mails = try sink.mails()
        #expect(mails.count == 1 && mails.first?.envelope.to == ["ada@example.org"])
    }
}
