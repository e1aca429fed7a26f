// SPDX-License-Identifier: Apache-2.0
import Events

/// What an `image.modified` event claims, checked for contradictions without looking at the store.
struct ModifiedFacts {
    var verified: Verified
    var modified: Modified

    func check() throws(Refusal) {
        try require(modified.blob.isWellFormed, "blob", "is no blob reference")
        try require(modified.source == verified.blob, "source", "is not what was verified")
        try require(modified.digests.isWellFormed, "digests", "are no four digests")
        try require(
            modified.digests.sha256 == modified.blob.sha256, "digests.sha256",
            "is not the blob's")
        try require(
            modified.uncompressed.size >= 0 && modified.uncompressed.digests.isWellFormed,
            "uncompressed", "is no size with four digests")
        if modified.compression == .none {
            try require(
                modified.uncompressed.size == modified.blob.size
                    && modified.uncompressed.digests == modified.digests,
                "uncompressed", "differs from the file although nothing is compressed")
        }
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
            "event-inconsistent", "the event contradicts itself: modified.\(field) \(reason)",
            ["field": "modified.\(field)"])
    }
}
