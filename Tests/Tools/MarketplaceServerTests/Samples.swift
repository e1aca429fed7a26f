// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport
import Testing

/// Signed documents and those who sign them.
enum Samples {
    private static let authority = Task { try await TestCertificates() }
    static let ada = identity("/C=FR/O=Example/CN=Ada Endorser", "ada@example.org")
    static let bob = identity("/C=FR/O=Example/CN=Bob Stranger", "bob@example.org")

    private static func identity(
        _ subject: String, _ email: String
    ) -> Task<SigningIdentity, any Error> {
        Task {
            let issued = try await authority.value.endorser(
                subject, email: email, encryption: .aes)
            return try SigningIdentity(
                pkcs12Path: issued.pkcs12Path, password: issued.password)
        }
    }

    /// The fields of an image whose bytes are the text `image`.
    static func fields(_ image: String = "image") throws -> MetadataFields {
        let bytes = Array(image.utf8)
        let sha1 = Digest.hex(Digest.sha1(bytes))
        var fields = MetadataFields()
        fields.identifier = try #require(StratusLabIdentifier(sha1: sha1)).text
        fields.bytes = bytes.count
        fields.checksums = [
            .md5: Digest.hex(Digest.md5(bytes)), .sha1: sha1,
            .sha256: Digest.hex(Digest.sha256(bytes)),
            .sha512: Digest.hex(Digest.sha512(bytes)),
        ]
        fields.os = "cirros"
        fields.osVersion = "0.3.4"
        fields.osArch = "x86_64"
        fields.format = "qcow2"
        fields.title = "CirrOS"
        fields.description = "A tiny image"
        fields.locations = ["http://example.org/\(image).img"]
        fields.creator = "Ada Endorser"
        fields.publisher = "StratusLab"
        fields.created = Timestamp("2026-01-01T00:00:00Z")
        fields.valid = Timestamp("2049-01-01T00:00:00Z")
        return fields
    }

    static func document(
        _ image: String = "image", created: String = "2026-01-01T00:00:00Z",
        by signer: Task<SigningIdentity, any Error> = ada, profile: SignatureProfile = .stratuslab,
        _ change: (inout MetadataFields) -> Void = { _ in }
    ) async throws -> Sample {
        var fields = try fields(image)
        change(&fields)
        let created = try #require(Timestamp(created))
        let signed = try MetadataDocument.build(fields)
            .signed(by: try await signer.value, profile: profile, created: created)
        return Sample(
            bytes: signed.bytes,
            entry: MarketplaceEntry(
                identifier: fields.identifier,
                email: try #require(signed.fields.endorsement).endorser.email,
                created: created.description))
    }
}

/// A signed document and its place in a marketplace.
struct Sample: Sendable {
    var bytes: [UInt8]
    var entry: MarketplaceEntry
}
