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
        let input = Fixture.scanned()
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

    @Test func describesTheModifiedImageWithItsWaivers() async throws {
        var request = Fixture.request()
        request.metadata.locations = ["https://images.example.org/cirros.img"]
        let image = Array("modified".utf8)
        let waiver = Waiver(check: "swap-partition", reason: "our hosts have none")
        let input = Fixture.scanned(request: request, into: image, waived: [waiver])
        guard case .done(let events) = try await handle(input), let event = events.first else {
            Issue.record("not done")
            return
        }
        let built = try event.section(BuiltMetadata.self)
        let bytes = try await store.read(built.document, bytesMax: MetadataDocument.bytesMax)
        let fields = try MetadataDocument(parsing: bytes).fields
        let digests = Fixture.digests(of: image)
        #expect(built.identifier == StratusLabIdentifier(sha1: digests.sha1)?.text)
        #expect(fields.checksums[.sha512] == digests.sha512 && fields.bytes == image.count)
        #expect(fields.locations == request.metadata.locations)
        #expect(fields.description.hasSuffix("\n" + waiver.line))
        #expect(Waiver.named(in: fields.description) == [waiver])
    }

    @Test func aModifiedImageNeedsLocations() async throws {
        guard case .reject(let rejection) = try await handle(Fixture.scanned(into: [1, 2, 3]))
        else {
            Issue.record("not rejected")
            return
        }
        #expect(rejection.rule == "metadata-missing-field")
        #expect(rejection.evidence["field"] == "metadata.locations")
    }

    /// Today's date is nowhere in the document.
    @Test func theSameEventGivesTheSameBytes() async throws {
        let first = try await handle(Fixture.scanned())
        let second = try await handle(Fixture.scanned())
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
            guard case .reject(let rejection) = try await handle(Fixture.scanned(request: request))
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
