// SPDX-License-Identifier: Apache-2.0
import Events

/// What one check says of one image.
public struct CheckReport: Codable, Sendable, Hashable {
    public var name: String
    public var title: String
    /// As the policy has it.
    public var severity: Severity
    public var outcome: Outcome
    /// The first ``findingsMax`` of them; empty when the check passed.
    public var findings: [Finding]
    /// How many there are in all.
    public var findingCount: Int
    /// Why the check does not apply.
    public var reason: String?
    /// Why the endorser lets the image pass.
    public var waiver: String?
    /// How to mend the image, when there are findings.
    public var mend: String?

    public static let findingsMax = 100
    /// In characters, of texts that others wrote.
    public static let textLengthMax = 1_000

    public enum Outcome: String, Codable, Sendable, Hashable, CaseIterable {
        case passed
        /// Rejects the image.
        case failed
        /// Found something that the endorser waives.
        case waived
        /// Found something that the policy only warns of.
        case warned
        case notApplicable = "not-applicable"
    }

    /// What no finding stands for.
    init(_ check: Check, _ outcome: Outcome, reason: String? = nil) {
        name = check.name
        title = check.title
        severity = check.severity
        self.outcome = outcome
        findings = []
        findingCount = 0
        self.reason = reason.map { PlainText.line($0, lengthMax: Self.textLengthMax) }
    }

    init(_ check: Check, _ outcome: Outcome, _ findings: [Finding], waiver: String? = nil) {
        self.init(check, outcome)
        self.findings = Array(findings.prefix(Self.findingsMax))
        findingCount = findings.count
        // As it came where a request may hold it: the signer compares it with the request's.
        self.waiver = waiver.map { reason in
            Waiver(check: check.name, reason: reason).problem == nil
                ? reason : PlainText.line(reason, lengthMax: Self.textLengthMax)
        }
        mend = check.documentation.mend
    }
}
