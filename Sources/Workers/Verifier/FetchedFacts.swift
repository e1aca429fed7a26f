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
        if let problem = fetched.contradiction { throw Refusal(inconsistent: problem) }
        let wanted = (request.checksumFiles ?? []).map(\.url)
        try require(
            fetched.checksumFiles.map(\.url) == wanted,
            "are not those of the request")
        try require(
            fetched.checksumFiles.allSatisfy {
                $0.blob.isWellFormed && $0.signature?.isWellFormed != false
            }, "hold no blob reference")
        try require(
            fetched.checksumFiles.map { $0.signature != nil }
                == (request.checksumFiles ?? []).map { $0.signature != nil },
            "have other signatures than the request names")
    }

    /// - Parameter reason: what is wrong with the checksum files.
    private func require(_ condition: Bool, _ reason: String) throws(Refusal) {
        guard !condition else { return }
        throw Refusal(
            inconsistent: FieldProblem(field: "fetched.checksumFiles", reason: reason))
    }
}
