// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import StratusLab
import TestSupport
import Testing

@testable import UploaderWorker

/// The uploader against the real marketplace, and one that misbehaves.
@Suite(.timeLimit(.minutes(3)))
struct UploaderHandlerTests {
    private let folder: TemporaryDirectory
    private let store: BlobStore

    init() throws {
        folder = try TemporaryDirectory()
        store = try BlobStore(directory: folder.file("store"))
    }

    private func handler(
        _ url: String, _ more: [String: String] = [:]
    ) throws -> UploaderHandler {
        var values = ["uploader.marketplace-url": url, "uploader.time-max": "2s"]
        values.merge(more) { $1 }
        return UploaderHandler(
            try UploaderConfig(try SettingValues(UploaderConfig.settings, values)))
    }

    private func handle(_ event: Event, _ handler: UploaderHandler) async throws -> Outcome {
        try await handler.handle(event, TestContext.make(stage: .uploader, store: store))
    }

    private func section(_ outcome: Outcome) throws -> UploadedMetadata {
        guard case .done(let events) = outcome else {
            throw NotDone(outcome: outcome)
        }
        #expect(events.count == 1)
        let event = try #require(events.first)
        #expect(event.type == .metadataUploaded)
        return try event.section(UploadedMetadata.self)
    }

    private struct NotDone: Error {
        var outcome: Outcome
    }

    @Test func aDocumentIsUploadedOnceHoweverOftenItsEventComes() async throws {
        let server = try await MarketplaceServer()
        let sample = try await SignedSample()
        let event = try await sample.event(in: store)
        let handler = try handler(server.url)
        let first = try await handle(event, handler)
        let place = try section(first)
        #expect(place.marketplace == server.url)
        #expect(place.location == server.url + sample.entry.path)
        #expect(
            place.location
                == "\(server.url)metadata/\(sample.entry.identifier)/ada@example.org/"
                + "2015-11-18T10:00:00Z")
        let second = try await handle(event, handler)
        #expect(try section(second) == place)
        guard case .done(let one) = first, case .done(let two) = second else { return }
        #expect(one.map(\.id) == two.map(\.id))
        #expect(one.map(\.data) == two.map(\.data))
        #expect(server.count("method=POST") == 1)
        #expect(try await handler.marketplace.lookup(sample.entry) == sample.bytes)
    }

    @Test func anotherProcessesUploadIsRecognised() async throws {
        let server = try await MarketplaceServer()
        let sample = try await SignedSample()
        let event = try await sample.event(in: store)
        let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for _ in 0..<4 {
                group.addTask { try await handle(event, try handler(server.url)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(try outcomes.map { try section($0).location }).count == 1)
        #expect(server.count("upload created") == 1)
    }

    @Test func anUploadThatWaitsForConfirmationIsAskedForOnce() async throws {
        let spool = try TemporaryDirectory()
        let server = try await MarketplaceServer([
            "--confirmation", "manual", "--mail-spool", spool.path,
        ])
        let sample = try await SignedSample()
        let event = try await sample.event(in: store)
        let handler = try handler(server.url)
        for _ in 0..<3 {
            guard case .yield(let pause, let why) = try await handle(event, handler) else {
                Issue.record("not put off")
                return
            }
            #expect(pause == .seconds(10))
            #expect(why.contains("ada@example.org"))
        }
        #expect(server.count("method=POST") == 1)
        let names = try FileManager.default.contentsOfDirectory(atPath: spool.path)
        let name = try #require(names.first)
        let mail = try #require(FileManager.default.contents(atPath: spool.file(name)))
        let text = String(decoding: mail, as: UTF8.self).replacing("=\r\n", with: "")
        let link = try #require(text.firstMatch(of: /http:\S+confirm\//)).0
        #expect(try await run("curl", ["--silent", "--fail", String(link)]).status == 0)
        #expect(
            try section(try await handle(event, handler)).location
                == server.url + sample.entry.path)
        #expect(server.count("method=POST") == 1)
        // The note is gone, so nothing stays behind.
        let partial = try FileManager.default.contentsOfDirectory(
            atPath: store.directory + "/partial")
        #expect(partial.isEmpty)
    }

    @Test func anUnconfirmedUploadIsRejectedInTheEnd() async throws {
        let server = try await HTTPServer()
        try server.program("metadata", .status(202))
        let sample = try await SignedSample()
        let event = try await sample.event(in: store)
        let handler = try handler(server.url(""), ["uploader.confirmation-timeout": "1m"])
        guard case .yield = try await handle(event, handler) else {
            Issue.record("not put off")
            return
        }
        let signed = try event.section(SignedMetadata.self)
        let note = ConfirmationNote(for: signed.document, in: store)
        #expect(note.read() != nil)
        try note.write(Timestamp(seconds: Timestamp.now.seconds - 61))
        guard case .reject(let rejection) = try await handle(event, handler) else {
            Issue.record("not rejected")
            return
        }
        #expect(rejection.rule == "marketplace-unconfirmed")
        #expect(rejection.stage == .uploader)
        #expect(try server.requests("metadata").count == 1)
    }

    /// A collection would take a note for a leftover after a day, and the waiting begin anew.
    @Test func waitingKeepsItsNote() async throws {
        let server = try await HTTPServer()
        try server.program("metadata", .status(202))
        let event = try await SignedSample().event(in: store)
        let handler = try handler(server.url(""))
        _ = try await handle(event, handler)
        let partial = store.directory + "/partial/"
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: partial).first)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -90_000)], ofItemAtPath: partial + name)
        guard case .yield = try await handle(event, handler) else {
            Issue.record("not put off")
            return
        }
        #expect(try await store.gc().leftovers.isEmpty)
        #expect(try server.requests("metadata").count == 1)
    }

    @Test func aRefusedDocumentIsRejectedWithTheServersWords() async throws {
        let server = try await MarketplaceServer()
        let newer = try await SignedSample(created: Fixture.requestTime.adding(days: 1))
        _ = try await handler(server.url).marketplace.upload(newer.bytes)
        let event = try await SignedSample().event(in: store)
        guard case .reject(let older) = try await handle(event, try handler(server.url)) else {
            Issue.record("not rejected")
            return
        }
        #expect(older.rule == "marketplace-refused" && older.stage == .uploader)
        #expect(older.evidence["reason"] == "invalid metadata: older than latest entry")
        #expect(older.message.contains("publish it again"))

        let unsigned = Fixture.metadataSigned(document: Array("<a/>".utf8))
        _ = try await store.put(Array("<a/>".utf8), for: unsigned.publication)
        guard case .reject(let invalid) = try await handle(unsigned, try handler(server.url))
        else {
            Issue.record("not rejected")
            return
        }
        #expect(invalid.evidence["reason"]?.hasPrefix("invalid metadata: ") == true)
    }

    @Test func anothersDocumentAtThePlaceIsLeftToTheServer() async throws {
        let server = try await MarketplaceServer()
        let other = try await SignedSample(title: "Another")
        _ = try await handler(server.url).marketplace.upload(other.bytes)
        let event = try await SignedSample().event(in: store)
        guard case .reject(let rejection) = try await handle(event, try handler(server.url)) else {
            Issue.record("not rejected")
            return
        }
        #expect(rejection.evidence["reason"]?.contains("other content") == true)
    }

    /// Whatever the operator or time can mend is tried again and parked, never rejected.
    @Test func troubleIsTransient() async throws {
        let event = try await SignedSample().event(in: store)
        let replica = try await MarketplaceServer(["--read-only"])
        let readOnly = await error(of: event, at: replica.url)
        #expect(readOnly?.disposition == .transient)
        #expect("\(readOnly as Any)".contains("read-only repository"))

        let server = try await HTTPServer()
        let programs: [HTTPServer.Behaviour] = [
            .status(503), .status(500), .status(429), .status(401), .status(302),
            .with { ($0.endless, $0.stall) = (100, 1) }, .truncate(0),
        ]
        for program in programs {
            try server.program("metadata", program)
            #expect(await error(of: event, at: server.url(""))?.disposition == .transient)
        }
        server.stop()
        #expect(await error(of: event, at: server.url(""))?.disposition == .transient)
    }

    private func error(of event: Event, at url: String) async -> (any Disposed)? {
        do {
            let outcome = try await handle(event, try handler(url))
            Issue.record("\(outcome)")
            return nil
        } catch {
            return error as? any Disposed
        }
    }

    @Test func aServerThatComesBackGetsTheDocument() async throws {
        let server = try await HTTPServer()
        let sample = try await SignedSample()
        let event = try await sample.event(in: store)
        try server.program(
            "metadata", .status(503),
            .status(201, ["Location": "http://elsewhere/\(sample.entry.path)"]))
        let handler = try handler(server.url(""))
        await #expect(throws: MarketplaceError.self) { try await handle(event, handler) }
        // The place follows from the entry, whatever host the server believes to be.
        #expect(
            try section(try await handle(event, handler)).location
                == server.url(sample.entry.path))
        let posts = try server.requests("metadata")
        #expect(posts.count == 2)
        #expect(posts.allSatisfy { Data(base64Encoded: $0.body) == Data(sample.bytes) })
    }

    @Test func pausesStayBelowTheRuntimesBoundOnYields() {
        var waited = Duration.zero
        var looks = 0
        while waited < .seconds(14 * 86_400) {
            waited += ConfirmationNote.pause(after: waited)
            looks += 1
        }
        #expect(looks < 900)
    }
}
