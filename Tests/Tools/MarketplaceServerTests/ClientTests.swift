// SPDX-License-Identifier: Apache-2.0
import Foundation
import StratusLab
import TestSupport
import Testing
import Transfer

/// The client, against the real server and one that misbehaves.
@Suite(.timeLimit(.minutes(2)))
struct ClientTests {
    private func client(_ url: String) throws -> MarketplaceClient {
        var configuration = MarketplaceClient.Configuration(url: url)
        configuration.timeMax = .seconds(2)
        return try MarketplaceClient(configuration)
    }

    @Test func uploadsLooksUpAndTellsRefusalsApart() async throws {
        let server = try await MarketplaceServer()
        let client = try client(server.url)
        let old = try await Samples.document(created: "2026-01-01T00:00:00Z")
        let new = try await Samples.document(created: "2026-01-02T00:00:00Z")
        #expect(try await client.lookup(new.entry) == nil)
        #expect(try await client.presence(of: new.bytes, at: new.entry) == .absent)
        #expect(
            try await client.upload(new.bytes) == .created(location: client.location(of: new.entry))
        )
        #expect(try await client.lookup(new.entry) == new.bytes)
        #expect(try await client.presence(of: new.bytes, at: new.entry) == .same)
        #expect(try await client.presence(of: old.bytes, at: new.entry) == .other)
        let refusal = MarketplaceRefusal(reason: "invalid metadata: older than latest entry")
        #expect(try await client.upload(old.bytes) == .refused(refusal))
        #expect(refusal.isOlderThanLatest)
        #expect(
            try await client.upload(Array("<a/>".utf8)) != .awaitingConfirmation)
    }

    @Test func aDocumentWrittenAnewIsRecognised() async throws {
        let server = try await HTTPServer()
        let sample = try await Samples.document()
        let text = String(decoding: sample.bytes, as: UTF8.self)
        let rewritten = text.replacingOccurrences(
            of: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            with: "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>")
        #expect(rewritten != text)
        try server.root.write(rewritten, to: sample.entry.path)
        let client = try client(server.url(""))
        #expect(try await client.presence(of: sample.bytes, at: sample.entry) == .same)
        let forged = rewritten.replacingOccurrences(of: "tiny", with: "evil")
        try server.root.write(forged, to: sample.entry.path)
        #expect(try await client.presence(of: sample.bytes, at: sample.entry) == .other)
    }

    @Test func troubleIsTyped() async throws {
        let server = try await HTTPServer()
        let client = try client(server.url(""))
        for (status, expected) in [
            (503, MarketplaceError.unavailable(status: 503, reason: "so it is told")),
            (429, .unavailable(status: 429, reason: "so it is told")),
            (401, .unauthorized), (418, .unexpected(status: 418, reason: "so it is told")),
        ] {
            try server.program("metadata", .status(status))
            await #expect(throws: expected) { try await client.upload([0x61]) }
            #expect(expected.isTransient)
        }
        try server.program("metadata", .with { ($0.endless, $0.stall) = (1000, 10) })
        await #expect(throws: MarketplaceError.self) { try await client.upload([0x61]) }
        server.stop()
        await #expect(throws: MarketplaceError.self) { try await client.upload([0x61]) }
        let readOnly = try await MarketplaceServer(["--read-only"])
        await #expect(throws: MarketplaceError.forbidden("read-only repository")) {
            try await self.client(readOnly.url).upload([0x61])
        }
    }

    @Test func credentialsAndAuthorityAreUsed() async throws {
        let certificate = try await TestCertificates().server()
        let server = try await HTTPServer(tls: certificate)
        try server.program("metadata", .status(201))
        var configuration = MarketplaceClient.Configuration(
            url: server.url("", host: "localhost"), caFile: certificate.authorityPath,
            credentials: try Credentials(user: "ada", password: "secret"))
        configuration.timeMax = .seconds(10)
        let client = try MarketplaceClient(configuration)
        #expect(try await client.upload([0x61]) == .created(location: nil))
        let request = try #require(try server.requests("metadata").first)
        #expect(request.headers["authorization"] == "Basic YWRhOnNlY3JldA==")
        #expect(request.headers["content-type"] == "application/rdf+xml")
        configuration.caFile = nil
        await #expect(throws: MarketplaceError.self) {
            try await MarketplaceClient(configuration).upload([0x61])
        }
    }

    @Test(arguments: [
        "", "ftp://a/", "http://", "http://u:p@a/", "http://a/?x", "http://a/#x", "http://a b/",
    ])
    func wrongURLsAreRefused(url: String) {
        #expect(throws: MarketplaceError.self) {
            try MarketplaceClient(MarketplaceClient.Configuration(url: url))
        }
    }

    @Test func placesArePercentEncoded() {
        let entry = MarketplaceEntry(
            identifier: "a/b", email: "é+x@y", created: "2026-01-01T00:00:00Z")
        #expect(entry.path == "metadata/a%2Fb/%C3%A9%2Bx@y/2026-01-01T00:00:00Z")
    }
}
