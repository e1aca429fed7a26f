// SPDX-License-Identifier: Apache-2.0
import Events

/// What an `image.modified` event claims, checked for contradictions without looking at the store.
struct ModifiedFacts {
    var verified: Verified
    var modified: Modified

    func check() throws(Refusal) {
        if let problem = modified.contradiction { throw Refusal(inconsistent: problem) }
        try require(modified.source == verified.blob, "source", "is not what was verified")
        if modified.steps.isEmpty {
            try require(
                modified.blob == modified.source, "blob",
                "is another than the source although nothing was modified")
        }
    }

    private func require(
        _ condition: Bool, _ field: String, _ reason: String
    ) throws(Refusal) {
        guard !condition else { return }
        throw Refusal(
            inconsistent: FieldProblem(field: "modified.\(field)", reason: reason))
    }
}
