// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import ImageLists
import Pipeline
import PipelineTesting
import Signatures
import StratusLab
import Synchronization

@testable import ListPublisherWorker

enum Sample {
    /// `metadata.uploaded` of an image that was requested at `seconds`, with a document that is
    /// signed and valid until 2099.
    ///
    /// - Parameters:
    ///   - modified: what the modifier made of the image.
    ///   - change: makes the document another one than the event describes.
    static func uploaded(
        _ name: String, at seconds: Int64 = 1_700_000_000, key: String = "",
        marketplace: String = Fixture.marketplace, into modified: [UInt8]? = nil,
        waived: [Waiver] = [], change: (inout MetadataFields) -> Void = { _ in }
    ) throws -> Event {
        var request = Fixture.request(name: name)
        if modified != nil { request.metadata.locations = ["http://images.example.org/\(name)"] }
        var event = Fixture.scanned(
            name: name, image: Array("image \(name) \(key)".utf8), request: request,
            into: modified, waived: waived)
        event.publication = DerivedIdentifier.uuid(name: "\(name) \(seconds) \(key)")
        var fetched = try event.section(Fetched.self)
        fetched.requestTime = Timestamp(seconds: seconds)
        event.data = try event.data(adding: fetched)
        var fields = try MetadataFields(
            request, fetched, try event.section(Modified.self), try event.section(Scanned.self))
        fields.valid = validUntil
        let identifier = fields.identifier
        change(&fields)
        return try uploaded(
            event, identifier, try MetadataDocument.build(fields), created: fetched.requestTime,
            marketplace: marketplace)
    }

    /// `metadata.uploaded` of the revised document of a listed image.
    static func revised(
        _ change: DocumentRevision.Change, _ listed: Event, at seconds: Int64,
        reason: String = "a hole = 100 %", by endorser: SigningIdentity? = nil,
        edit: (inout MetadataFields) -> Void = { _ in }
    ) throws -> Event {
        var fields = try document(of: listed).fields
        let identifier = fields.identifier
        fields.deprecated = change == .withdrawn ? reason : nil
        edit(&fields)
        let created = Timestamp(seconds: seconds)
        let revision = DocumentRevision(
            change: change, published: try listed.section(SignedMetadata.self).document,
            identifier: identifier, requestTime: created,
            reason: change == .withdrawn ? reason : nil)
        var event = listed
        event.publication = DerivedIdentifier.uuid(
            name: "\(change) \(identifier) \(seconds) \(reason)")
        event.data = [DocumentRevision.key: try EventCoding.value(of: revision)]
        return try uploaded(
            event, identifier, try MetadataDocument.build(fields), created: created,
            marketplace: try listed.section(UploadedMetadata.self).marketplace, by: endorser)
    }

    private static func uploaded(
        _ input: Event, _ identifier: String, _ built: MetadataDocument, created: Timestamp,
        marketplace: String, by endorser: SigningIdentity? = nil
    ) throws -> Event {
        let identity = try endorser ?? SampleEndorser.identity()
        let document = try built.signed(by: identity, profile: .modern, created: created)
        let section = SignedMetadata(
            document: Fixture.blob(of: document.bytes), profile: .modern,
            endorser: try unwrap(document.fields.endorsement).endorser, created: created,
            certificateSHA256: identity.certificate.sha256)
        let path = MarketplaceEntry(
            identifier: identifier, email: section.endorser.email, created: created.description
        ).path
        var event = input
        event.id = DerivedIdentifier.uuid(name: "event \(event.publication)")
        event.type = .metadataUploaded
        event.source = Stage.uploader.source
        event.data = try event.data(
            adding: BuiltMetadata(
                document: Fixture.blob(of: built.bytes), identifier: identifier,
                filename: "document.xml"))
        event.data = try event.data(
            adding: UploadedMetadata(marketplace: marketplace, location: marketplace + path))
        return try holding(document.bytes, event, section)
    }

    /// The event with these bytes as its signed document.
    static func holding(
        _ bytes: [UInt8], _ event: Event, _ section: SignedMetadata? = nil
    ) throws -> Event {
        var signed = try section ?? event.section(SignedMetadata.self)
        signed.document = Fixture.blob(of: bytes)
        documents.withLock { $0[signed.document.sha256] = bytes }
        var copy = event
        copy.data = try event.data(adding: signed)
        return copy
    }

    static func document(of event: Event) throws -> MetadataDocument {
        let sha256 = try event.section(SignedMetadata.self).document.sha256
        return try MetadataDocument(parsing: try unwrap(documents.withLock { $0[sha256] }))
    }

    /// Puts the event's document into the store, as the signer does.
    static func store(_ event: Event, in store: BlobStore) async throws {
        let sha256 = try event.section(SignedMetadata.self).document.sha256
        guard let bytes = documents.withLock({ $0[sha256] }) else { return }
        _ = try await store.put(bytes, for: event.publication)
    }

    private static func unwrap<T>(_ value: T?) throws -> T {
        guard let value else { throw Failed(description: "the sample has no such part") }
        return value
    }

    static let validUntil = Timestamp(seconds: 4_070_908_800)
    /// All signed documents that were made, by SHA-256.
    private static let documents = Mutex<[String: [UInt8]]>([:])

    static func files(of target: any ListTarget) async throws -> ListFiles {
        try await target.load()
    }
}
