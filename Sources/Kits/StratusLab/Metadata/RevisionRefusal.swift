// SPDX-License-Identifier: Apache-2.0
public import Events

/// Why a published document cannot be revised as asked. All cases are final for the request.
public enum RevisionRefusal: Error, Sendable, Hashable {
    /// The published document is not a validly signed one.
    case invalidDocument([MetadataFinding])
    /// The published document is another image's.
    case otherImage(identifier: String)
    /// It is endorsed at this time, and the revision asked for no later: a marketplace would call
    /// the new document older than its latest.
    case notLater(than: Timestamp)
    /// It is withdrawn already, and a renewal would bring it back.
    case withdrawn(reason: String)
    /// The revised document cannot be written.
    case unwritable(StratusLabError)

    /// A stable word for programs: lower-case letters and `-`.
    public var rule: String {
        switch self {
        case .invalidDocument: "published-invalid"
        case .otherImage: "identifier"
        case .notLater: "not-later"
        case .withdrawn: "withdrawn"
        case .unwritable: "unwritable"
        }
    }
}

extension RevisionRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidDocument(let findings):
            "the published document is not valid: "
                + findings.map(\.description).joined(separator: "; ")
        case .otherImage(let identifier):
            "the published document is about another image, \(identifier.prefix(64))"
        case .notLater(let time):
            "the published document was endorsed at \(time), and the revision asked for no later"
        case .withdrawn(let reason):
            "the image is withdrawn (\(reason.prefix(200))) and cannot be renewed; publish it anew"
        case .unwritable(let error): "the revised document cannot be written: \(error)"
        }
    }
}
