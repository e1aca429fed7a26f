// SPDX-License-Identifier: Apache-2.0

/// Why the attestations of an event do not vouch for it.
public struct AttestationBreach: Error, Sendable, Hashable {
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        /// A stage has not attested.
        case missing
        /// What stands in a stage's place is not an envelope with a statement of a stage's work.
        case malformed
        /// No key of that stage has signed it.
        case forged
        /// It is about another publication.
        case otherPublication = "other-publication"
        /// It is about the work of another stage, or about another event.
        case otherStage = "other-stage"
        /// A section is not the one that the stage saw or added.
        case mismatch
        /// It is about another image or document.
        case subject
        /// An attestation, or a section, that no stage of this way vouches for.
        case unexpected
    }

    public let rule: Rule
    public let message: String
    /// For people: the stage, the section, what was found.
    public let evidence: [String: String]

    init(_ rule: Rule, _ message: String, evidence: [String: String] = [:]) {
        self.rule = rule
        self.message = message
        self.evidence = evidence
    }
}

extension AttestationBreach: CustomStringConvertible {
    public var description: String { message }
}
