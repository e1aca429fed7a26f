// SPDX-License-Identifier: Apache-2.0

/// Why a request's waiver cannot be honoured; the request is rejected then.
public struct WaiverProblem: Error, Sendable, Hashable {
    /// The rule that is broken, for the rejection.
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        case unknownCheck = "waiver-unknown-check"
        case notAllowed = "waiver-not-allowed"
        case noReason = "waiver-no-reason"
    }

    public let rule: Rule
    /// One sentence for the requester.
    public let message: String

    init(_ rule: Rule, _ message: String) {
        self.rule = rule
        self.message = message
    }
}

extension WaiverProblem: CustomStringConvertible {
    public var description: String { "\(rule.rawValue): \(message)" }
}
