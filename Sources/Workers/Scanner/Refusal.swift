// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events

/// Why an image does not pass, as an error inside this stage. The handler makes it a rejection.
struct Refusal: Error, Sendable, Hashable {
    var rejection: Rejection

    /// - Parameters:
    ///   - rule: a stable word for programs.
    ///   - message: one sentence for people.
    init(_ rule: String, _ message: String, _ evidence: [String: String] = [:]) {
        rejection = Rejection(
            stage: .scanner, rule: rule, message: message, evidence: evidence)
    }

    /// An event that contradicts itself.
    init(inconsistent problem: FieldProblem) {
        self.init(
            "event-inconsistent",
            "the event contradicts itself: \(problem.field) \(problem.reason)",
            ["field": problem.field])
    }

    init(_ difference: StoredBytesDiffer) {
        self.init("stored-bytes-differ", "\(difference)", difference.evidence)
    }
}
