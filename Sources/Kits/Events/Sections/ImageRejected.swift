// SPDX-License-Identifier: Apache-2.0

/// Why a publication ended for good: the section `rejection` of `image.rejected`.
public struct Rejection: Section {
    public static let key = "rejection"

    public var stage: Stage
    /// A stable word for programs, such as `digest-mismatch`: lower-case letters, digits and `-`.
    public var rule: String
    /// One sentence for people: what is wrong and what to do.
    public var message: String
    /// Facts by name, such as `expected` and `found`.
    public var evidence: [String: String]

    public init(
        stage: Stage, rule: String, message: String, evidence: [String: String] = [:]
    ) {
        self.stage = stage
        self.rule = rule
        self.message = message
        self.evidence = evidence
    }
}
