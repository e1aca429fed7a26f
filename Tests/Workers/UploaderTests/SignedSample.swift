// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import PipelineTesting
import Signatures
import StratusLab
import TestSupport
import Testing

/// A really signed document that fits the sample events.
struct SignedSample: Sendable {
    let bytes: [UInt8]
    let entry: MarketplaceEntry

    private static let identity = Task {
        let issued = try await TestCertificates().endorser(
            "/C=FR/O=Example/CN=Ada Endorser", email: Fixture.email, encryption: .aes)
        return try SigningIdentity(pkcs12Path: issued.pkcs12Path, password: issued.password)
    }

    /// - Parameter title: makes documents of one image differ.
    init(title: String = "CirrOS", created: Timestamp = Fixture.requestTime) async throws {
        let image = Fixture.imageBytes
        let digests = Fixture.digests(of: image)
        var fields = MetadataFields()
        fields.identifier = try #require(StratusLabIdentifier(sha1: digests.sha1)).text
        fields.bytes = image.count
        for algorithm in DigestAlgorithm.allCases {
            fields.checksums[algorithm] = digests[algorithm]
        }
        (fields.os, fields.osVersion, fields.osArch) = ("cirros", "0.3.4", "x86_64")
        (fields.format, fields.title, fields.publisher) = ("qcow2", title, "StratusLab")
        fields.locations = ["http://example.org/cirros.img"]
        fields.creator = "Ada Endorser"
        fields.description = "A tiny image"
        fields.created = created
        fields.valid = Timestamp("2049-01-01T00:00:00Z")
        bytes = try MetadataDocument.build(fields)
            .signed(
                by: try await Self.identity.value, profile: .stratuslab, created: created
            ).bytes
        entry = MarketplaceEntry(
            identifier: fields.identifier, email: Fixture.email, created: created.description)
    }

    /// The event that asks the uploader to publish it, its document in `store`.
    func event(in store: BlobStore) async throws -> Event {
        let event = Fixture.metadataSigned(document: bytes, identifier: entry.identifier)
        _ = try await store.put(bytes, for: event.publication)
        return event
    }
}
