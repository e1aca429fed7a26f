// SPDX-License-Identifier: Apache-2.0
import Events

/// What an event claims about an image's way to the signer, and the checks that it is one whole:
/// the bytes fetched are those verified, what was made of them is what the request asks for, and
/// that is what was scanned and is described.
struct Lineage: Sendable {
    let request: ImageRequest
    let fetched: Fetched
    let verified: Verified
    let modified: Modified
    let scanned: Scanned
    let built: BuiltMetadata

    init(_ event: Event) throws {
        request = try event.section(ImageRequest.self)
        fetched = try event.section(Fetched.self)
        verified = try event.section(Verified.self)
        modified = try event.section(Modified.self)
        scanned = try event.section(Scanned.self)
        built = try event.section(BuiltMetadata.self)
        guard event.subject == request.name else {
            throw LineageBreach(
                "subject", "the event is about another image than the request",
                evidence: ["found": event.subject, "expected": request.name])
        }
    }

    /// What can be checked without the store.
    func checkFacts() throws(LineageBreach) {
        try checkFetched()
        try same(
            "blob-mismatch", "the verified blob", text(verified.blob),
            "the fetched one", text(fetched.blob))
        try checkEvidence()
        try checkModified()
        try checkScanned()
    }

    private func checkFetched() throws(LineageBreach) {
        guard fetched.blob.isWellFormed, fetched.digests.isWellFormed,
            fetched.uncompressed.digests.isWellFormed, fetched.uncompressed.size >= 0
        else {
            throw LineageBreach("malformed", "the fetched facts are malformed")
        }
        try same(
            "fetched-digest", "the fetched blob", fetched.blob.sha256,
            "its SHA-256", fetched.digests.sha256)
        if fetched.compression == .none {
            guard fetched.uncompressed.size == fetched.blob.size,
                fetched.uncompressed.digests == fetched.digests
            else {
                throw LineageBreach(
                    "uncompressed-mismatch",
                    "the image is not compressed, but differs from its uncompressed form")
            }
        }
    }

    func text(_ blob: BlobReference) -> String { "\(blob.sha256), \(blob.size) bytes" }

    /// - Parameter rule: broken when `found` is not `expected`.
    func same(
        _ rule: String, _ name: String, _ found: String, _ otherName: String, _ expected: String
    ) throws(LineageBreach) {
        guard found != expected else { return }
        throw LineageBreach(
            rule, "\(name) is not \(otherName)", evidence: ["found": found, "expected": expected])
    }
}
