// SPDX-License-Identifier: Apache-2.0
import Events

/// Why a document does not let its publication into the list.
enum DocumentProblem: Sendable, Hashable {
    /// It is not what the event says, or not fit for a list: final.
    case breach(DocumentBreach)
    /// It cannot be judged now.
    case undecided(why: String)
}

/// A rule that a document breaks: what was looked at, what was found, and what was expected.
struct DocumentBreach: Error, Sendable, Hashable {
    enum Rule: String, Sendable {
        /// The store has other bytes than the event names, or more than a document has.
        case missing = "document-missing"
        /// Not a valid, signed StratusLab document.
        case invalid = "document-invalid"
        /// A valid document, but not the one that the event describes.
        case mismatch = "document-mismatch"
        case expired = "document-expired"
        /// Withdrawn before it is listed.
        case deprecated = "document-deprecated"
        /// By an endorser whom this list does not accept.
        case untrusted = "untrusted-endorser"
    }

    let rule: Rule
    let field: String
    let found: String
    let expected: String

    /// Longest value in a rejection's evidence, in characters.
    private static let evidenceMax = 256

    var rejection: Rejection {
        Rejection(
            stage: .listPublisher, rule: rule.rawValue,
            message: "The signed document cannot be listed: \(field) is \(Self.short(found)), "
                + "expected \(Self.short(expected)).",
            evidence: [
                "field": field, "found": Self.short(found), "expected": Self.short(expected),
            ])
    }

    private static func short(_ text: String) -> String {
        text.isEmpty ? "nothing" : String(Program.cleaned(text).prefix(evidenceMax))
    }
}
