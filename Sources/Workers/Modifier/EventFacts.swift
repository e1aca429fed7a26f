// SPDX-License-Identifier: Apache-2.0
import Events

/// What an `image.verified` event claims, checked for contradictions without looking at the store.
struct EventFacts {
    var request: ImageRequest
    var fetched: Fetched
    var verified: Verified

    func check() throws(Refusal) {
        if let problem = request.problems().first {
            throw Refusal(
                "request-invalid", "the request is not valid: \(problem)",
                ["field": problem.field])
        }
        if let problem = fetched.contradiction { throw Refusal(inconsistent: problem) }
        try require(verified.blob == fetched.blob, "verified.blob", "is not the fetched one")
        let files = fetched.files ?? []
        try require(
            files.map(\.url) == uploads.map(\.url)
                && files.map(\.blob.sha256) == uploads.map(\.sha256)
                && files.allSatisfy { $0.blob.isWellFormed },
            "fetched.files", "are not those that the request uploads")
    }

    private var uploads: [Modification.Upload] {
        (request.modifications ?? []).compactMap {
            if case .upload(let upload) = $0 { upload } else { nil }
        }
    }

    private func require(
        _ condition: Bool, _ field: String, _ reason: String
    ) throws(Refusal) {
        guard !condition else { return }
        throw Refusal(inconsistent: FieldProblem(field: field, reason: reason))
    }
}
