// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Foundation
import Pipeline
import TestSupport
import Testing

/// Whoever withdraws or renews what is published, with the real marketplace.
private struct Registry: Sendable {
    let desk: MetadataDesk
    let server: MarketplaceServer
    /// The published document's file, and its entry's URL.
    let document: String
    let location: String

    init() async throws {
        desk = try MetadataDesk()
        server = try await MarketplaceServer()
        document = try await desk.signed("--created", "2026-01-01T00:00:00Z")
        location = try await Self.upload(document, desk, server)
    }

    static func upload(
        _ document: String, _ desk: MetadataDesk, _ server: MarketplaceServer
    ) async throws -> String {
        let upload = try await desk.metadata([
            "upload", "--marketplace-endpoint", server.url, document,
        ])
        guard upload.status == 0 else { throw NeverHappened(description: upload.output) }
        return upload.output.trimmingCharacters(in: .newlines)
    }

    var identifier: String { location.split(separator: "/").map(String.init)[3] }

    /// Without a broker: what is refused, or, with `--dry-run`, the event.
    func run(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await TestSupport.run(
            Workbench.program(), arguments, environment: ["HOME": desk.folder.path])
    }

    func revision(_ output: String) throws -> (event: Event, revision: DocumentRevision) {
        let line = try #require(output.lines.first { $0.hasPrefix("{") })
        let event = try Event(decoding: line.utf8)
        return (event, try event.section(DocumentRevision.self))
    }
}

@Suite("imprimatur withdraw, imprimatur renew", .timeLimit(.minutes(3)))
struct ReviseTests {
    @Test("The image is named by document, entry or identifier; what is changed is shown")
    func waysToNameTheImage() async throws {
        let registry = try await Registry()
        let file = registry.desk.folder.file(registry.document)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
        for way in [
            ["--document", file], ["--location", registry.location],
            ["--marketplace-endpoint", registry.server.url, registry.identifier],
        ] {
            let result = try await TestSupport.run(
                Workbench.program(),
                ["withdraw", "--dry-run", "--reason", "has a hole", "--name", "cirros"] + way,
                environment: ["HOME": registry.desk.folder.path])
            #expect(result.status == 0, "\(result.output)")
            let (event, revision) = try registry.revision(result.output)
            #expect(event.type == .imageWithdrawn && event.subject == "cirros")
            #expect(event.source == "/imprimatur/withdraw" && event.time == revision.requestTime)
            #expect(revision.change == .withdrawn && revision.reason == "has a hole")
            #expect(revision.identifier == registry.identifier)
            #expect(revision.publishedText.map { Array($0.utf8) } == bytes)
            #expect(revision.published.size == bytes.count && revision.problems() == [])
            for text in ["withdrawing", "endorser@example.org", "cirros 0.3.4", "2026-01-01"] {
                #expect(result.output.contains(text), "\(result.output)")
            }
        }
        let renewal = try await registry.run(
            "renew", "--dry-run", "--valid-days", "30", "--document", file)
        let (event, revision) = try registry.revision(renewal.output)
        #expect(event.type == .imageRenewed && event.subject == registry.identifier)
        #expect(revision.change == .renewed && revision.validDays == 30)
        #expect(revision.reason == nil)
    }

    @Test("Repeated with the same publication and time, it is the same event")
    func repetition() async throws {
        let registry = try await Registry()
        let arguments = [
            "renew", "--dry-run", "--location", registry.location, "--publication",
            "9b1f7a52-3c8e-4a44-8d1c-0c7c2b7c1d20", "--time", "2026-03-01T00:00:00Z",
        ]
        let environment = ["HOME": registry.desk.folder.path]
        let first = try await run(Workbench.program(), arguments, environment: environment)
        let second = try await run(Workbench.program(), arguments, environment: environment)
        let (event, revision) = try registry.revision(first.output)
        #expect(try registry.revision(second.output).event == event)
        #expect(revision.requestTime == Timestamp("2026-03-01T00:00:00Z"))
        #expect(event.publication == "9b1f7a52-3c8e-4a44-8d1c-0c7c2b7c1d20")
    }

    @Test("Of several endorsers one has to be chosen")
    func severalEndorsers() async throws {
        let registry = try await Registry()
        let other = try await MetadataDesk.authority.value.endorser(
            "/CN=Another", email: "another@example.org")
        let signed = try await registry.desk.metadata(
            ["sign"] + MetadataDesk.key(other) + [registry.document])
        #expect(signed.status == 0, "\(signed.output)")
        _ = try await Registry.upload(registry.document, registry.desk, registry.server)
        let unclear = try await registry.run(
            "withdraw", "--dry-run", "--reason", "x", "--marketplace-endpoint",
            registry.server.url, registry.identifier)
        #expect(unclear.status == 64)
        #expect(
            unclear.output.contains("--email: another@example.org, endorser@example.org"),
            "\(unclear.output)")
        let chosen = try await registry.run(
            "withdraw", "--dry-run", "--reason", "x", "--marketplace-endpoint",
            registry.server.url, "--email", "another@example.org", registry.identifier)
        #expect(chosen.status == 0)
        #expect(chosen.output.contains("endorsed by another@example.org (CN=Another)"))
        let nobody = try await registry.run(
            "withdraw", "--dry-run", "--reason", "x", "--marketplace-endpoint",
            registry.server.url, "--email", "nobody@example.org", registry.identifier)
        #expect(nobody.status == 1)
    }

    @Test("What cannot be is said before anything is published")
    func refusals() async throws {
        let registry = try await Registry()
        let file = registry.desk.folder.file(registry.document)
        func status(_ arguments: String...) async throws -> Int32 {
            let result = try await TestSupport.run(
                Workbench.program(), arguments, environment: ["HOME": registry.desk.folder.path])
            #expect(!result.output.contains("{"), "\(result.output)")
            return result.status
        }
        #expect(try await status("withdraw", "--dry-run", "--document", file) == 64)
        #expect(
            try await status("withdraw", "--dry-run", "--reason", "", "--document", file) == 64)
        #expect(try await status("withdraw", "--dry-run", "--reason", "x") == 64)
        #expect(
            try await status(
                "renew", "--dry-run", "--document", file, "--location", registry.location) == 64)
        #expect(
            try await status("renew", "--dry-run", "--valid-days", "0", "--document", file) == 64)
        #expect(
            try await status("renew", "--dry-run", "--location", registry.server.url) == 64)
        let absent = registry.location.replacing("2026-01-01", with: "2026-01-02")
        #expect(try await status("renew", "--dry-run", "--location", absent) == 1)
        #expect(
            try await status(
                "renew", "--dry-run", "--time", "2025-01-01T00:00:00Z", "--document", file) == 1)
        let gone = registry.location.replacing(registry.server.url, with: "http://127.0.0.1:9/")
        #expect(try await status("renew", "--dry-run", "--location", gone) == 2)
        let forged = try registry.desk.folder.write(
            try registry.desk.text(registry.document).replacing("0.3.4", with: "0.3.5"),
            to: "forged.xml")
        #expect(try await status("renew", "--dry-run", "--document", forged) == 1)
        let deprecated = try await registry.desk.metadata(
            ["deprecate", "--output", "withdrawn.xml", "--file", registry.document]
                + MetadataDesk.key(try await MetadataDesk.endorser()))
        #expect(deprecated.status == 0, "\(deprecated.output)")
        let withdrawn = registry.desk.folder.file("withdrawn.xml")
        #expect(try await status("renew", "--dry-run", "--document", withdrawn) == 1)
        #expect(
            try await status("withdraw", "--dry-run", "--reason", "x", "--document", withdrawn)
                == 1)
    }
}

extension BrokerTests {
    @Suite("imprimatur withdraw --wait")
    struct ReviseWaitTests {
        @Test("Reaches the metadata stage, and ends when the list is without the image")
        func withdrawn() async throws {
            let registry = try await Registry()
            let bench = try await Workbench()
            let process = try BackgroundProcess(
                Workbench.program(),
                [
                    "withdraw", "--wait", "--reason", "has a hole", "--location",
                    registry.location,
                ], environment: bench.environment.merging(["HOME": bench.folder.path]) { $1 },
                output: bench.folder.file("output"))
            let message = try await bench.take(from: Stage.metadata.queue)
            let event = try Event(decoding: message.body)
            #expect(event.type == .imageWithdrawn)
            try await process.waitForLine(containing: "image.withdrawn")
            let entry = UpdatedList.Entry(
                name: "cirros", version: nil, identifier: registry.identifier,
                publication: UUID().uuidString.lowercased(), requestTime: event.time,
                location: registry.location, documentSHA256: String(repeating: "a", count: 64),
                endorser: "endorser@example.org", withdrawnBy: event.publication)
            let list = UpdatedList(
                name: "image_list", serial: 8, sha256: String(repeating: "a", count: 64), size: 1,
                added: [], removed: [entry])
            try await bench.publish(
                Event(
                    id: UUID().uuidString, source: Stage.listPublisher.source, type: .listUpdated,
                    subject: "image_list", time: .now, publication: event.publication,
                    data: [UpdatedList.key: try EventCoding.value(of: list)]))
            #expect(try await process.waitForExit() == 0, "\(process.output)")
            #expect(process.output.lines.contains(event.publication))
            #expect(process.output.contains("requested: has a hole"))
            #expect(process.output.contains("serial 8, 0 added, 1 removed"))
        }
    }
}
