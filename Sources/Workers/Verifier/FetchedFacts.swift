// SPDX-License-Identifier: Apache-2.0
import Events

/// What an `image.fetched` event claims, checked for contradictions without looking at the store.
struct FetchedFacts {
    var request: ImageRequest
    var fetched: Fetched

    func check() throws(Refusal) {
        if let problem = request.problems().first {
            throw Refusal(
                "request-invalid", "the request is not valid: \(problem)",
                ["field": problem.field])
        }
        try require(fetched.blob.isWellFormed, "blob", "is no blob reference")
        try require(fetched.digests.isWellFormed, "digests", "are no four digests")
        try require(
            fetched.digests.sha256 == fetched.blob.sha256, "digests.sha256",
            "is not the blob's")
        try require(
            fetched.uncompressed.size >= 0 && fetched.uncompressed.digests.isWellFormed,
            "uncompressed", "is no size with four digests")
        if fetched.compression == .none {
            try require(
                fetched.uncompressed.size == fetched.blob.size
                    && fetched.uncompressed.digests == fetched.digests,
                "uncompressed", "differs from the file although nothing is compressed")
        }
        let wanted = (request.checksumFiles ?? []).map(\.url)
        try require(
            fetched.checksumFiles.map(\.url) == wanted, "checksumFiles",
            "are not those of the request")
        try require(
            fetched.checksumFiles.allSatisfy {
                $0.blob.isWellFormed && $0.signature?.isWellFormed != false
            }, "checksumFiles", "hold no blob reference")
        try require(
            fetched.checksumFiles.map { $0.signature != nil }
                == (request.checksumFiles ?? []).map { $0.signature != nil },
            "checksumFiles", "have other signatures than the request names")
    }

    private func require(
        _ condition: Bool, _ field: String, _ reason: String
    ) throws(Refusal) {
        guard !condition else { return }
        throw Refusal(
            "event-inconsistent", "the event contradicts itself: fetched.\(field) \(reason)",
            ["field": "fetched.\(field)"])
    }
}
