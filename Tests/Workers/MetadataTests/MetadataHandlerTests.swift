// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import StratusLab
import TestSupport
import Testing

@testable import MetadataWorker

@Suite struct MetadataHandlerTests {
    private let directory: TemporaryDirectory
    private let store: BlobStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try BlobStore(directory: directory.file("store"))
    }

    private func handle(_ event: Event) async throws -> Outcome {
        try await MetadataHandler().handle(
            event, TestContext.make(stage: .metadata, store: store))
    }

    @Test func writesTheDocumentIntoTheStore() async throws {
        let input = Fixture.verified()
        guard case .done(let events) = try await handle(input) else {
            Issue.record("not done")
            return
        }
        let event = try #require(events.first)
        #expect(events.count == 1 && event.type == .metadataBuilt)
        #expect(event.publication == input.publication)
        let built = try event.section(BuiltMetadata.self)
        #expect(built.filename == "cirros-0.3.4-x86_64-base-0.3.4.xml")
        let bytes = try await store.read(built.document, bytesMax: MetadataDocument.bytesMax)
        let document = try MetadataDocument(parsing: bytes)
        let digests = Fixture.digests(of: Fixture.imageBytes)
        #expect(document.identifier == built.identifier)
        #expect(document.identifier == StratusLabIdentifier(sha1: digests.sha1)?.text)
        #expect(document.fields.checksums[.sha256] == digests.sha256)
        #expect(document.fields.created == Fixture.requestTime)
        #expect(document.contentFindings.isEmpty)
    }

    /// Today's date is nowhere in the document.
    @Test func theSameEventGivesTheSameBytes() async throws {
        let first = try await handle(Fixture.verified())
        let second = try await handle(Fixture.verified())
        guard case .done(let one) = first, case .done(let two) = second else {
            Issue.record("not done")
            return
        }
        #expect(one.map(\.id) == two.map(\.id) && one.map(\.data) == two.map(\.data))
    }

    @Test func rejectsByName() async throws {
        func rejection(_ change: (inout ImageRequest.Description) -> Void) async throws
            -> Rejection?
        {
            var request = Fixture.request()
            change(&request.metadata)
            guard case .reject(let rejection) = try await handle(Fixture.verified(request: request))
            else { return nil }
            return rejection
        }
        let missing = try await rejection { $0.osArch = "" }
        #expect(missing?.rule == "metadata-missing-field")
        #expect(missing?.stage == .metadata && missing?.evidence["field"] == "metadata.osArch")
        let invalid = try await rejection { $0.title = "\u{1}" }
        #expect(invalid?.rule == "metadata-invalid-field")
        #expect(invalid?.evidence["field"] == "dcterms:title")
        #expect(try await rejection { $0.validDays = 0 }?.rule == "metadata-invalid-field")
    }
}
