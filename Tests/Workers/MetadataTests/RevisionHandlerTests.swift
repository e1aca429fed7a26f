// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import Signatures
import StratusLab
import TestSupport
import Testing

@testable import MetadataWorker

@Suite(.timeLimit(.minutes(2))) struct RevisionHandlerTests {
    private let directory: TemporaryDirectory
    private let store: BlobStore
    private static let document = Task {
        let issued = try await TestCertificates().endorser()
        let origin = Fixture.scanned()
        let fields = try MetadataFields(
            Fixture.request(), try origin.section(Fetched.self),
            try origin.section(Modified.self), try origin.section(Scanned.self))
        return try MetadataDocument.build(fields).signed(
            by: try SigningIdentity(pkcs12Path: issued.pkcs12Path, password: issued.password),
            profile: .stratuslab, created: Fixture.requestTime)
    }

    init() throws {
        directory = try TemporaryDirectory()
        store = try BlobStore(directory: directory.file("store"))
    }

    private func handle(_ event: Event, attempt: Int = 2) async throws -> Outcome {
        var context = TestContext.make(stage: .metadata, store: store)
        context = HandlerContext(
            stage: context.stage, logger: context.logger, store: store,
            deadline: context.deadline, attempt: attempt)
        return try await MetadataHandler().handle(event, context)
    }

    private func revision(
        _ change: DocumentRevision.Change = .withdrawn, text: Bool = false
    ) async throws -> DocumentRevision {
        let published = try await Self.document.value
        var revision = Fixture.revision(
            change, of: published.bytes, identifier: published.identifier)
        if text { revision.publishedText = String(decoding: published.bytes, as: UTF8.self) }
        return revision
    }

    private func rule(_ revision: DocumentRevision) async throws -> String? {
        guard case .reject(let rejection) = try await handle(Fixture.imageRevised(revision)) else {
            return nil
        }
        #expect(rejection.stage == .metadata)
        return rejection.rule
    }

    /// From the list's copy in the store, or from the copy that came with the event.
    @Test(arguments: DocumentRevision.Change.allCases, [false, true])
    func writesTheRevisedDocument(_ change: DocumentRevision.Change, text: Bool) async throws {
        let published = try await Self.document.value
        if !text { _ = try await store.put(published.bytes, for: "listed-x") }
        let input = Fixture.imageRevised(try await revision(change, text: text))
        guard case .done(let events) = try await handle(input), let event = events.first else {
            Issue.record("not done")
            return
        }
        #expect(events.count == 1 && event.type == .metadataBuilt)
        #expect(event.publication == input.publication && event.subject == input.subject)
        // What it emits is a whole event, and the text does not travel on.
        let again = try Event(decoding: try event.encoded())
        let carried = try again.section(DocumentRevision.self)
        #expect(carried == (try await revision(change)))
        let built = try again.section(BuiltMetadata.self)
        #expect(built.identifier == published.identifier)
        #expect(built.filename == "cirros-0.3.4-x86_64-base-0.3.4.xml")
        let bytes = try await store.read(built.document, bytesMax: MetadataDocument.bytesMax)
        #expect(bytes == (try published.revised(carried).bytes))
        // Both documents stay until the way ends, whatever becomes of the list's entry.
        try store.release(publication: "listed-x")
        let pins = try FileManager.default.contentsOfDirectory(
            atPath: store.directory + "/pins/" + input.publication)
        #expect(Set(pins) == [carried.published.sha256, built.document.sha256])
        guard case .done(let repeated) = try await handle(input) else {
            Issue.record("not done again")
            return
        }
        #expect(repeated.map(\.id) == events.map(\.id))
        #expect(repeated.map(\.data) == events.map(\.data))
    }

    @Test func aMissingDocumentIsLookedForTwice() async throws {
        let event = Fixture.imageRevised(try await revision())
        await #expect(throws: BlobStoreError.self) { try await handle(event, attempt: 1) }
        #expect(try await rule(try await revision()) == "revision-document-missing")
    }

    @Test func onlyTheNamedAndValidlySignedDocumentComesIntoTheStore() async throws {
        var other = try await revision(text: true)
        other.published = Fixture.blob(of: [1])
        #expect(try await rule(other) == "revision-document-mismatch")
        let junk = [
            "", "<a/>", other.publishedText?.replacing("Ada", with: "Eve") ?? "",
            "<!DOCTYPE x>" + (other.publishedText ?? ""),
        ]
        for text in junk {
            var revision = try await revision()
            revision.publishedText = text
            revision.published = Fixture.blob(of: Array(text.utf8))
            #expect(try await rule(revision) == "revision-published-invalid", "\(text)")
            #expect(throws: BlobStoreError.self) { try store.path(of: revision.published) }
        }
    }

    @Test func rejectsByName() async throws {
        func rule(_ change: (inout DocumentRevision) -> Void) async throws -> String? {
            var revision = try await revision(text: true)
            change(&revision)
            return try await self.rule(revision)
        }
        #expect(try await rule { $0.reason = nil } == "revision-invalid")
        #expect(try await rule { $0.published.sha256 = "../x" } == "revision-invalid")
        #expect(
            try await rule { $0.identifier = Fixture.identifier } == "revision-identifier")
        #expect(
            try await rule { $0.requestTime = Fixture.requestTime } == "revision-not-later")
        var event = Fixture.imageRevised(try await revision(.renewed, text: true))
        event.type = .imageWithdrawn
        guard case .reject(let rejection) = try await handle(event) else {
            Issue.record("not rejected")
            return
        }
        #expect(rejection.rule == "revision-invalid" && rejection.evidence["field"] == "change")
    }

    @Test func aWithdrawnImageIsNotRenewed() async throws {
        let issued = try await TestCertificates().endorser()
        let identity = try SigningIdentity(
            pkcs12Path: issued.pkcs12Path, password: issued.password)
        let withdrawn = try await Self.document.value.revised(try await revision()).signed(
            by: identity, profile: .stratuslab, created: Fixture.revisionTime)
        var renewal = Fixture.revision(
            .renewed, of: withdrawn.bytes, identifier: withdrawn.identifier,
            time: Fixture.revisionTime.adding(days: 1))
        renewal.publishedText = String(decoding: withdrawn.bytes, as: UTF8.self)
        #expect(try await rule(renewal) == "revision-withdrawn")
    }

    @Test func aDamagedDocumentIsTheEnd() async throws {
        let published = try await Self.document.value
        let blob = try await store.put(published.bytes, for: "listed-x")
        let path = try store.path(of: blob)
        chmod(path, 0o600)
        try Data(published.bytes.reversed()).write(to: URL(filePath: path))
        #expect(try await rule(try await revision()) == "revision-document-damaged")
    }
}
