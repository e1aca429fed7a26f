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

@testable import SignerWorker

/// Withdrawals and renewals at the signer: whoever can write to its queue gets nothing signed but
/// the endorser's own document, revised as the event says.
@Suite(.timeLimit(.minutes(3))) struct RevisionLineageTests {
    private let directory: TemporaryDirectory
    private let store: BlobStore

    /// The endorser's certificate of today, an earlier one, another endorser's of the same
    /// authority, and an impostor's of the same name.
    private struct People: Sendable {
        let current, earlier, other, elsewhere: TestCertificates.Issued
    }

    private static let people = Task {
        let authority = try await TestCertificates()
        return People(
            current: try await authority.endorser(), earlier: try await authority.endorser(),
            other: try await authority.endorser("/DC=fr/O=CNRS/CN=Mallory"),
            elsewhere: try await authority.endorser(email: "other@example.org"))
    }

    init() throws {
        directory = try TemporaryDirectory()
        store = try BlobStore(directory: directory.file("store"))
    }

    private func config(_ changes: [String: String] = [:]) async throws -> SignerConfig {
        let current = try await Self.people.value.current
        let values = [
            "signer.p12-file": current.pkcs12Path, "signer.p12-password": current.password,
            "signer.attestation-keys": try await AttestationKeyFiles.shared.publicDirectory,
        ]
        return try SignerConfig(
            try SettingValues(SignerConfig.settings, values.merging(changes) { $1 }))
    }

    private func handle(_ event: Event, _ changes: [String: String] = [:]) async throws -> Outcome {
        try await SignerHandler(try await config(changes)).handle(
            event, TestContext.make(stage: .signer, store: store))
    }

    private func rule(_ event: Event, _ changes: [String: String] = [:]) async throws -> String? {
        guard case .reject(let rejection) = try await handle(event, changes) else { return nil }
        #expect(rejection.stage == .signer && rejection.message.hasPrefix("not signed: "))
        return rejection.rule
    }

    private func published(
        by issued: TestCertificates.Issued? = nil, created: Timestamp = Fixture.requestTime,
        title: String = "CirrOS", image: [UInt8] = Fixture.imageBytes
    ) async throws -> MetadataDocument {
        let current = try await Self.people.value.current
        let issued = issued ?? current
        let origin = Fixture.scanned(image: image)
        var fields = try MetadataFields(
            Fixture.request(), try origin.section(Fetched.self),
            try origin.section(Modified.self), try origin.section(Scanned.self))
        fields.title = title
        return try MetadataDocument.build(fields).signed(
            by: try SigningIdentity(pkcs12Path: issued.pkcs12Path, password: issued.password),
            profile: .stratuslab, created: created)
    }

    /// The event for a revision, its documents in the store.
    private func event(
        _ change: DocumentRevision.Change = .withdrawn, of published: MetadataDocument,
        revision changed: (inout DocumentRevision) -> Void = { _ in },
        built: (inout BuiltMetadata) -> Void = { _ in }, text: (String) -> String = { $0 }
    ) async throws -> Event {
        var revision = Fixture.revision(
            change, of: published.bytes, identifier: published.identifier)
        let revised = try published.revised(revision)
        let bytes = Array(text(String(decoding: revised.bytes, as: UTF8.self)).utf8)
        changed(&revision)
        let event = Fixture.imageRevised(revision)
        _ = try await store.put(published.bytes, for: event.publication)
        var section = BuiltMetadata(
            document: try await store.put(bytes, for: event.publication),
            identifier: revision.identifier, filename: "cirros.xml")
        built(&section)
        return try Fixture.attested(
            Fixture.next(.metadataBuilt, after: event, section),
            keys: try await AttestationKeyFiles.shared.privateDirectory)
    }

    @Test(arguments: DocumentRevision.Change.allCases)
    func signsWhatIsWhole(_ change: DocumentRevision.Change) async throws {
        let published = try await published()
        let event = try await event(change, of: published)
        guard case .done(let events) = try await handle(event), let emitted = events.first else {
            Issue.record("not done")
            return
        }
        let again = try Event(decoding: try emitted.encoded())
        #expect(again.type == .metadataSigned)
        let signed = try again.section(SignedMetadata.self)
        #expect(signed.created == Fixture.revisionTime)
        #expect(try again.section(DocumentRevision.self) == event.section(DocumentRevision.self))
        let document = try MetadataDocument(
            parsing: try await store.read(signed.document, bytesMax: MetadataDocument.bytesMax))
        guard case .valid(let endorsement, let certificate, _) = document.verdict() else {
            Issue.record("\(document.verdict())")
            return
        }
        #expect(endorsement.endorser == published.fields.endorsement?.endorser)
        #expect(endorsement.created == Fixture.revisionTime)
        #expect(certificate.sha256 == signed.certificateSHA256)
        var expected = published.fields
        expected.endorsement = endorsement
        switch change {
        case .withdrawn: expected.deprecated = "has a hole"
        case .renewed: expected.valid = Fixture.revisionTime.adding(days: 365)
        }
        #expect(document.fields == expected)
        guard case .done(let repeated) = try await handle(event) else {
            Issue.record("not done again")
            return
        }
        #expect(repeated.map(\.data) == events.map(\.data))
    }

    @Test func refusesASwappedOrChangedDocument() async throws {
        let published = try await published()
        for (old, new) in [
            ("CirrOS", "CirrUS"), ("has a hole", "has none"), ("-disk.img", "-evil.img"),
            ("<dcterms:creator>Ada", "<dcterms:creator>Eve"), ("\n", "\n "),
        ] {
            let event = try await event(of: published, text: { $0.replacing(old, with: new) })
            #expect(try await rule(event) == "lineage-revision-mismatch", "\(new)")
        }
        let other = try await self.published(title: "Another")
        let blob = try await store.put(
            try other.revised(
                Fixture.revision(of: other.bytes, identifier: other.identifier)
            ).bytes, for: "x")
        let swapped = try await event(of: published, built: { $0.document = blob })
        #expect(try await rule(swapped) == "lineage-revision-mismatch")
        let junk = try await store.put(Array("<rdf:RDF/>".utf8), for: "x")
        let none = try await event(of: published, built: { $0.document = junk })
        #expect(try await rule(none) == "lineage-document-invalid")
        let signed = try await event(
            of: published, text: { _ in String(decoding: published.bytes, as: UTF8.self) })
        #expect(try await rule(signed) == "lineage-revision-mismatch")
    }

    /// A withdrawal cannot be made a renewal, nor get another reason, after it was built.
    @Test func refusesAnotherRevisionOfTheBuiltDocument() async throws {
        let published = try await published()
        let changes: [(inout DocumentRevision) -> Void] = [
            { $0.reason = "no hole at all" },
            { ($0.change, $0.reason) = (.renewed, nil) },
        ]
        for change in changes {
            let event = try await event(of: published, revision: change)
            #expect(try await rule(event) == "lineage-revision-mismatch")
        }
        let longer = try await event(.renewed, of: published, revision: { $0.validDays = 3650 })
        #expect(try await rule(longer) == "lineage-revision-mismatch")
        let malformed = try await event(of: published, revision: { $0.reason = nil })
        #expect(try await rule(malformed) == "lineage-malformed")
    }

    @Test func refusesTheDocumentOfAnotherEndorser() async throws {
        let people = try await Self.people.value
        let others = try await event(of: try await published(by: people.other))
        #expect(try await rule(others) == "lineage-endorser")
        // Even when somebody configured it: it is not this endorser's name.
        let elsewhere = try await event(of: try await published(by: people.elsewhere))
        #expect(try await rule(elsewhere) == "lineage-endorser")
        let previous = ["signer.previous-certificates": people.elsewhere.certificatePath]
        #expect(try await rule(elsewhere, previous) == "lineage-endorser")
    }

    @Test func anEarlierCertificateIsTheEndorsersWhenConfigured() async throws {
        let people = try await Self.people.value
        let event = try await event(of: try await published(by: people.earlier))
        #expect(try await rule(event) == "lineage-endorser")
        let paths = people.earlier.certificatePath + "," + people.current.certificatePath
        let outcome = try await handle(event, ["signer.previous-certificates": paths])
        guard case .done = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func configurationErrorsNameTheFile() async throws {
        let people = try await Self.people.value
        for (path, reason) in [
            ("/nonexistent.pem", "nonexistent"), (people.current.keyPath, "no certificate"),
            (people.other.certificatePath, "somebody else"),
        ] {
            let error = await #expect(throws: ConfigurationError.self) {
                try await config(["signer.previous-certificates": path])
            }
            #expect(error?.problems.map(\.key) == ["signer.previous-certificates"])
            #expect(error.map { "\($0)".contains(reason) } == true, "\(String(describing: error))")
        }
    }

    @Test func refusesARevisionForAnotherImage() async throws {
        let published = try await published()
        let other = try await self.published(image: [1, 2, 3])
        let replayed = try await event(
            of: published, revision: { $0.identifier = other.identifier })
        #expect(try await rule(replayed) == "lineage-identifier")
        let renamed = try await event(
            of: published, built: { $0.identifier = other.identifier })
        #expect(try await rule(renamed) == "lineage-identifier")
        // The revision of one document, pointed at another one of the store.
        _ = try await store.put(other.bytes, for: "x")
        let pointed = try await event(
            of: published, revision: { $0.published = Fixture.blob(of: other.bytes) })
        #expect(try await rule(pointed) == "lineage-identifier")
    }

    @Test func refusesTimesThatBreakTheMarketplacesOrder() async throws {
        let published = try await published()
        let early = try await event(
            of: published, revision: { $0.requestTime = Fixture.requestTime })
        #expect(try await rule(early) == "lineage-not-later")
        let late = try await event(
            of: published, revision: { $0.requestTime = Timestamp.now.adding(days: 1) })
        #expect(try await rule(late) == "lineage-future")
    }

    @Test func refusesAForgedPublishedDocument() async throws {
        let published = try await published()
        let forged = Array(
            String(decoding: published.bytes, as: UTF8.self).replacing("CirrOS", with: "CirrUS")
                .utf8)
        let blob = try await store.put(forged, for: "x")
        let event = try await event(of: published, revision: { $0.published = blob })
        #expect(try await rule(event) == "lineage-published-invalid")
    }

    /// Another machine's write may not be visible yet.
    @Test func missingDocumentsAreTriedAgain() async throws {
        let published = try await published()
        let event = try await event(of: published)
        let blobs = [
            try event.section(DocumentRevision.self).published,
            try event.section(BuiltMetadata.self).document,
        ]
        for blob in blobs {
            let path = try store.path(of: blob)
            let bytes = try Data(contentsOf: URL(filePath: path))
            try FileManager.default.removeItem(atPath: path)
            await #expect(throws: BlobStoreError.self) { try await handle(event) }
            try bytes.write(to: URL(filePath: path))
        }
        let path = try store.path(of: blobs[0])
        chmod(path, 0o600)
        try Data(published.bytes.reversed()).write(to: URL(filePath: path))
        #expect(try await rule(event) == "lineage-document-damaged")
    }

    @Test(arguments: ["request", "fetched", "verified"])
    func refusesAnEventOfTwoOrigins(_ section: String) async throws {
        var event = try await event(of: try await published())
        event.data[section] = Fixture.verified().data[section]
        await #expect(throws: EventError.self) { try await handle(event) }
        let bytes = try event.encoded()
        #expect(throws: EventError.self) { try Event(decoding: bytes) }
    }
}
