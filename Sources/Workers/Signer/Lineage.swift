// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Compression
import Events
import Pipeline
import Signatures
import StratusLab

/// What an event claims about an image's way to the signer, and the checks that it is one whole:
/// the bytes fetched, the bytes verified and the bytes described are the same.
struct Lineage: Sendable {
    let request: ImageRequest
    let fetched: Fetched
    let verified: Verified
    let built: BuiltMetadata

    /// What can be checked without the store.
    func checkFacts() throws(LineageBreach) {
        guard fetched.blob.isWellFormed, fetched.digests.isWellFormed,
            fetched.uncompressed.digests.isWellFormed, fetched.uncompressed.size >= 0
        else {
            throw LineageBreach("malformed", "the fetched facts are malformed")
        }
        try same(
            "fetched-digest", "the fetched blob", fetched.blob.sha256,
            "its SHA-256", fetched.digests.sha256)
        try same(
            "blob-mismatch", "the verified blob", text(verified.blob),
            "the fetched one", text(fetched.blob))
        if fetched.compression == .none {
            guard fetched.uncompressed.size == fetched.blob.size,
                fetched.uncompressed.digests == fetched.digests
            else {
                throw LineageBreach(
                    "uncompressed-mismatch",
                    "the image is not compressed, but differs from its uncompressed form")
            }
        }
        try checkEvidence()
    }

    /// The verifier's evidence, against the policy it works by: every expected digest is one of
    /// the file's, and at least one is strong or accepted by name in the request.
    private func checkEvidence() throws(LineageBreach) {
        guard !verified.evidence.isEmpty else {
            throw LineageBreach("evidence-missing", "nothing vouches for the image's digests")
        }
        for evidence in verified.evidence {
            try checkSource(of: evidence)
            try same(
                "evidence-mismatch",
                "the \(evidence.algorithm.displayName) from \(evidence.source.prefix(200))",
                evidence.value.lowercased(), "the file's", fetched.digests[evidence.algorithm])
        }
        let accepted = request.acceptWeakDigests ?? []
        guard
            verified.evidence.contains(where: {
                $0.algorithm.isStrong || accepted.contains($0.algorithm)
            })
        else {
            throw LineageBreach(
                "evidence-weak",
                "only weak digests vouch for the image, and the request does not accept them")
        }
        try checkSignature()
        for (name, value) in request.digests ?? [:] {
            guard let algorithm = DigestAlgorithm(rawValue: name) else { continue }
            try same(
                "request-digest", "the request's \(algorithm.displayName)", value.lowercased(),
                "the file's", fetched.digests[algorithm])
        }
    }

    /// Where the request demands a signature, one of a checksum file's digests that are enough by
    /// themselves bears one. Whether it is good is the verifier's word.
    private func checkSignature() throws(LineageBreach) {
        guard request.requireSignature == true else { return }
        let accepted = request.acceptWeakDigests ?? []
        let isSigned = verified.evidence.contains { evidence in
            evidence.signature != nil && evidence.source != "request"
                && (evidence.algorithm.isStrong || accepted.contains(evidence.algorithm))
        }
        guard isSigned else {
            throw LineageBreach(
                "signature-missing",
                "the request demands a signed checksum file, and the verifier has found none")
        }
    }

    /// Only the request, and the checksum files that it names and that were fetched, can vouch.
    private func checkSource(of evidence: Verified.Evidence) throws(LineageBreach) {
        let isKnown =
            if evidence.source == "request" {
                request.digests?[evidence.algorithm.rawValue] != nil
            } else {
                (request.checksumFiles ?? []).contains { $0.url == evidence.source }
                    && fetched.checksumFiles.contains { $0.url == evidence.source }
            }
        guard isKnown else {
            throw LineageBreach(
                "evidence-source",
                "the request does not name \(evidence.source.prefix(200)) as a source of its"
                    + " \(evidence.algorithm.displayName)")
        }
    }

    /// The document from the store, when it describes the fetched bytes.
    ///
    /// - Throws: ``LineageBreach``, or `BlobStoreError` when the store cannot be read now.
    func document(in store: BlobStore) async throws -> MetadataDocument {
        let bytes: [UInt8]
        do {
            bytes = try await store.read(built.document, bytesMax: MetadataDocument.bytesMax)
        } catch {
            guard !error.isTransient, !error.isFatal else { throw error }
            throw LineageBreach("document-damaged", "the metadata document: \(error)")
        }
        let document: MetadataDocument
        do {
            document = try MetadataDocument(parsing: bytes)
        } catch {
            throw LineageBreach("document-invalid", "\(error)")
        }
        if let finding = document.contentFindings.first {
            throw LineageBreach("document-invalid", "the metadata document: \(finding)")
        }
        try check(document)
        return document
    }

    private func check(_ document: MetadataDocument) throws(LineageBreach) {
        let image = fetched.uncompressed
        let fields = document.fields
        try same(
            "identifier", "the document's identifier", document.identifier, "the event's",
            built.identifier)
        try same(
            "identifier", "the document's identifier", document.identifier, "the image's",
            StratusLabIdentifier(sha1: image.digests.sha1)?.text ?? "")
        try same(
            "size", "the document's size", fields.bytes.map { "\($0)" } ?? "none", "the image's",
            "\(image.size)")
        try same(
            "format", "the document's format", fields.format, "the request's",
            request.source.format.rawValue)
        for algorithm in DigestAlgorithm.allCases {
            guard let digest = fields.checksums[algorithm] else { continue }
            try same(
                "checksum", "the document's \(algorithm.displayName)", digest, "the image's",
                image.digests[algorithm])
        }
        guard fields.checksums.keys.contains(where: \.isStrong) else {
            throw LineageBreach("checksum", "the document has no SHA-256 or SHA-512")
        }
    }

    /// The image in the store: present, of the right length and, when `recomputing`, with the
    /// digests that the event claims, for the file and for what it holds compressed: the document
    /// describes the latter, so nobody's word is taken for it.
    ///
    /// - Throws: ``LineageBreach``, ``OutOfTime``, `BlobStoreError` or `CompressionError` when it
    ///   cannot be read now.
    func checkImage(
        in store: BlobStore, recomputing: Bool, before deadline: ContinuousClock.Instant
    ) async throws {
        do {
            _ = try store.path(of: fetched.blob)
            guard recomputing else { return }
            let found = try await unsafe store.contents(
                of: fetched.blob,
                format: CompressionFormat(rawValue: fetched.compression.rawValue),
                uncompressedBytesMax: fetched.uncompressed.size,
                goesOn: { guard ContinuousClock.now < deadline else { throw OutOfTime() } })
            try check(found)
        } catch let error as BlobStoreError where !error.isTransient && !error.isFatal {
            throw LineageBreach("image-damaged", "the stored image: \(error)")
        } catch let error as CompressionError where !error.isTransient {
            throw LineageBreach("image-damaged", "the stored image: \(error)")
        }
    }

    private func check(_ found: BlobStore.Contents) throws(LineageBreach) {
        try same(
            "image-damaged", "the stored image's SHA-256", found.file.sha256, "its name",
            fetched.blob.sha256)
        try same("image-digest", "the stored image", found.file, fetched.digests)
        guard let image = found.uncompressed else { return }
        try same(
            "uncompressed-size", "the uncompressed image's size", "\(image.size)",
            "the fetched one", "\(fetched.uncompressed.size)")
        try same(
            "uncompressed-digest", "the uncompressed image", image, fetched.uncompressed.digests)
    }

    private func same(
        _ rule: String, _ name: String, _ found: FourDigests, _ expected: Digests
    ) throws(LineageBreach) {
        let digests = Digests(
            md5: found.md5, sha1: found.sha1, sha256: found.sha256, sha512: found.sha512)
        for algorithm in DigestAlgorithm.allCases {
            try same(
                rule, "\(name)'s \(algorithm.displayName)", digests[algorithm],
                "the fetched one", expected[algorithm])
        }
    }

    private func text(_ blob: BlobReference) -> String { "\(blob.sha256), \(blob.size) bytes" }

    private func same(
        _ rule: String, _ name: String, _ found: String, _ otherName: String, _ expected: String
    ) throws(LineageBreach) {
        guard found != expected else { return }
        throw LineageBreach(
            rule, "\(name) is not \(otherName)", evidence: ["found": found, "expected": expected])
    }
}

/// The image could not be read within the event's time. Another attempt may find a faster disk.
struct OutOfTime: Error, Disposed, CustomStringConvertible {
    var disposition: Disposition { .transient }
    var description: String { "the image could not be checked before the deadline" }
}

/// A place where an image's lineage is broken.
struct LineageBreach: Error, Equatable {
    let rule: String
    let message: String
    let evidence: [String: String]

    /// - Parameter rule: without the prefix `lineage-`.
    init(_ rule: String, _ message: String, evidence: [String: String] = [:]) {
        self.rule = "lineage-" + rule
        self.message = message
        self.evidence = evidence.mapValues { String($0.prefix(256)) }
    }

    var rejection: Rejection {
        Rejection(
            stage: .signer, rule: rule, message: "not signed: \(message)", evidence: evidence)
    }
}
