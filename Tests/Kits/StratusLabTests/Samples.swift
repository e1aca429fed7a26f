// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport

/// What several suites build documents from.
enum Samples {
    static let content = Array("the bytes of an image".utf8)
    static let digests = Digests(
        md5: Digest.hex(Digest.md5(content)), sha1: Digest.hex(Digest.sha1(content)),
        sha256: Digest.hex(Digest.sha256(content)), sha512: Digest.hex(Digest.sha512(content)))
    static let requestTime = Timestamp(seconds: 1_466_208_000)

    static var request: ImageRequest {
        ImageRequest(
            name: "cirros",
            source: ImageRequest.Source(
                url: "http://example.org/cirros-0.3.4-x86_64-disk.img", format: .qcow2),
            metadata: ImageRequest.Description(
                title: "CirrOS 0.3.4", description: "A small image", os: "cirros",
                osVersion: "0.3.4", osArch: "x86_64", creator: "Alice"))
    }

    static func fetched(_ compression: CompressionKind = .none) -> Fetched {
        Fetched(
            requestTime: requestTime, url: "http://example.org/cirros-0.3.4-x86_64-disk.img",
            blob: BlobReference(sha256: digests.sha256, size: content.count), digests: digests,
            compression: compression,
            uncompressed: Fetched.Content(size: content.count, digests: digests),
            checksumFiles: [])
    }

    /// The image as it was fetched, or with other bytes.
    static func modified(
        _ compression: CompressionKind = .none, into bytes: [UInt8]? = nil
    ) -> Modified {
        var modified = Modified(untouched: fetched(compression), format: .qcow2)
        guard let bytes else { return modified }
        modified.blob = BlobReference(
            sha256: Digest.hex(Digest.sha256(bytes)), size: bytes.count)
        modified.steps = [.init(operation: "write", sha256: digests.sha256)]
        return modified
    }

    static func scanned(_ waived: Waiver...) -> Scanned {
        let blob = modified().blob
        return Scanned(blob: blob, report: blob, waived: waived)
    }

    static func fields(
        _ request: ImageRequest = request, _ fetched: Fetched = fetched(),
        _ modified: Modified = modified(), _ scanned: Scanned = scanned()
    ) throws(StratusLabError) -> MetadataFields {
        try MetadataFields(request, fetched, modified, scanned)
    }

    static func document() throws -> MetadataDocument {
        try MetadataDocument.build(try fields())
    }

    static func text(_ document: MetadataDocument) -> String {
        String(decoding: document.bytes, as: UTF8.self)
    }

    /// One authority and one endorser for all suites.
    private static let issued = Task {
        let certificates = try await TestCertificates()
        return (certificates, try await certificates.endorser())
    }

    static func endorser() async throws -> TestCertificates.Issued { try await issued.value.1 }

    static func authority() async throws -> TestCertificates { try await issued.value.0 }

    static func identity() async throws -> SigningIdentity {
        let endorser = try await endorser()
        return try SigningIdentity(pkcs12Path: endorser.pkcs12Path, password: endorser.password)
    }
}
