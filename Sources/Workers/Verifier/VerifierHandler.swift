// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import ImageFile
import Pipeline

/// Compares the stored bytes with every digest that somebody vouched for them with, and lets pass
/// what matches all of them and has one that can be trusted.
///
/// Digests refer to the file as it was downloaded. The event is not believed: it has to agree
/// with itself and with the store, and unless told otherwise all digests are computed anew.
struct VerifierHandler: Handler {
    private let policy: DigestPolicy
    private let recomputes: Bool
    private let limits: ImageLimits
    private let signatures: SignatureCheck
    private let demand: SignatureDemand

    init(_ config: VerifierConfig) {
        policy = config.policy
        recomputes = config.recomputes
        limits = config.limits
        signatures = config.signatures
        demand = config.demand
    }

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        let request = try event.section(ImageRequest.self)
        let fetched = try event.section(Fetched.self)
        do {
            try FetchedFacts(request: request, fetched: fetched).check()
            try await checkBytes(request, fetched, context)
            let expectations = try await expectations(request, fetched, context)
            let evidence = try expectations.evidence(
                from: fetched.digests, blob: fetched.blob)
            if let refusal = policy.refusal(
                of: evidence, weakByName: request.acceptWeakDigests ?? [])
            {
                throw refusal
            }
            try demand.check(evidence, of: request, policy)
            let section = Verified(blob: fetched.blob, evidence: evidence)
            return .done([try context.emit(.imageVerified, from: event, adding: section)])
        } catch let refusal as Refusal {
            return .reject(refusal.rejection)
        }
    }

    /// That the blob is there, is what the event says, and is an image that may be opened.
    private func checkBytes(
        _ request: ImageRequest, _ fetched: Fetched, _ context: HandlerContext
    ) async throws {
        let image = StoredImage(
            fetched: fetched, store: context.store,
            structure: ImageStructure(declared: request.source.format, limits: limits))
        try await recomputes
            ? image.check(deadline: context.deadline)
            : image.checkStructure(deadline: context.deadline)
    }

    private func expectations(
        _ request: ImageRequest, _ fetched: Fetched, _ context: HandlerContext
    ) async throws -> Expectations {
        var expectations = Expectations()
        expectations.add(request.digests ?? [:])
        let names = request.checksumFiles ?? []
        for (named, file) in zip(names, fetched.checksumFiles) {
            let read = try await read(file, context.store)
            let judged = try await signatures.judge(read, deadline: context.deadline)
            try demand.check(judged, of: file.url)
            let listing = try ChecksumListing(
                judged.text, algorithm: named.algorithm, firstLine: judged.firstLine,
                url: file.url)
            let entry = named.entry ?? EntryName.default(url: request.source.url)
            expectations.add(try listing.digests(for: entry), of: entry, from: file.url, judged)
        }
        return expectations
    }

    private func read(
        _ file: Fetched.FetchedFile, _ store: BlobStore
    ) async throws -> SignatureCheck.File {
        let sizeMax = ChecksumListing.bytesMax
        guard file.blob.size <= sizeMax else {
            throw Refusal(
                "checksum-file-invalid",
                "\(file.url) has \(file.blob.size) bytes; a checksum file may have \(sizeMax)",
                ["source": file.url])
        }
        var signature: [UInt8]?
        if let blob = file.signature {
            let sizeMax = SignatureCheck.signatureBytesMax
            guard blob.size <= sizeMax else {
                throw Refusal(
                    "signature-malformed",
                    "the signature of \(file.url) has \(blob.size) bytes; it may have \(sizeMax)",
                    ["source": file.url])
            }
            signature = try await store.read(blob, bytesMax: sizeMax)
        }
        return SignatureCheck.File(
            url: file.url, bytes: try await store.read(file.blob, bytesMax: sizeMax),
            signature: signature)
    }
}
