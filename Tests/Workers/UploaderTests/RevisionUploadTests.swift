// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Pipeline
import PipelineTesting
import StratusLab
import TestSupport
import Testing

@testable import UploaderWorker

/// Revised documents at the real marketplace.
@Suite(.timeLimit(.minutes(3)))
struct RevisionUploadTests {
    private let folder: TemporaryDirectory
    private let store: BlobStore

    init() throws {
        folder = try TemporaryDirectory()
        store = try BlobStore(directory: folder.file("store"))
    }

    private func handle(_ event: Event, _ url: String) async throws -> Outcome {
        let handler = UploaderHandler(
            try UploaderConfig(
                try SettingValues(UploaderConfig.settings, ["uploader.marketplace-url": url])))
        return try await handler.handle(event, TestContext.make(stage: .uploader, store: store))
    }

    private func event(_ sample: SignedSample, time: Timestamp) async throws -> Event {
        let revision = Fixture.revision(
            of: [], identifier: sample.entry.identifier, time: time)
        let event = Fixture.revisionSigned(revision, document: sample.bytes)
        _ = try await store.put(sample.bytes, for: event.publication)
        return event
    }

    @Test func takesThePlaceOfThePublishedDocument() async throws {
        let server = try await MarketplaceServer()
        let published = try await SignedSample()
        _ = try await handle(try await published.event(in: store), server.url)
        let later = Fixture.revisionTime
        let revised = try await SignedSample(title: "revised", created: later)
        let input = try await event(revised, time: later)
        guard case .done(let events) = try await handle(input, server.url),
            let uploaded = events.first
        else {
            Issue.record("not done")
            return
        }
        let again = try Event(decoding: try uploaded.encoded())
        #expect(again.type == .metadataUploaded)
        #expect(try again.section(DocumentRevision.self) == input.section(DocumentRevision.self))
        let location = try again.section(UploadedMetadata.self).location
        #expect(location == server.url + revised.entry.path)
        #expect(location.hasSuffix("/\(later)"))
    }

    @Test func aRevisionThatComesTooLateIsRejectedWithAdvice() async throws {
        let server = try await MarketplaceServer()
        let newest = try await SignedSample(created: Fixture.revisionTime.adding(days: 1))
        _ = try await handle(try await newest.event(in: store), server.url)
        let revised = try await SignedSample(title: "revised", created: Fixture.revisionTime)
        let outcome = try await handle(
            try await event(revised, time: Fixture.revisionTime), server.url)
        guard case .reject(let rejection) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(rejection.rule == "marketplace-refused")
        #expect(rejection.message.hasSuffix("look at it and ask again"), "\(rejection.message)")
    }
}
