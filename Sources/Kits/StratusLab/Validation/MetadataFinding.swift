// SPDX-License-Identifier: Apache-2.0
internal import XMLDocuments

/// One rule that a document breaks.
public struct MetadataFinding: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// There is no signature.
        case unsigned
        /// The signature is wrong or not of the allowed form.
        case signature
        /// An element is missing, superfluous or malformed.
        case constraint
        /// Two parts contradict each other, such as the endorser and the certificate.
        case consistency
    }

    public var kind: Kind
    /// The element as written, such as `dcterms:identifier`.
    public var element: String
    /// How the rule is broken, and by what.
    public var reason: String
    /// The rule's name in lower-case letters, digits and hyphens; stable, for scripts.
    public var rule: String
    /// 1-based line of the document's text; nil when the rule is about no one place.
    public var line: Int?

    public init(
        _ kind: Kind, _ element: String, _ reason: String, rule: String, line: Int? = nil
    ) {
        self.kind = kind
        self.element = element
        self.reason = reason
        self.rule = rule
        self.line = line
    }

    /// The finding that stands for a document which cannot be read at all.
    public init(_ error: StratusLabError) {
        switch error {
        case .malformed(let error):
            self.init(.constraint, "XML", "\(error)", rule: error.rule, line: error.line)
        case .notMetadata(let element, let reason):
            self.init(.constraint, element, reason, rule: "not-metadata")
        default:
            self.init(.constraint, "rdf:RDF", "\(error)", rule: "not-metadata")
        }
    }
}

extension MetadataFinding {
    /// Where in the document; several elements of one name in one line are one place.
    struct Place: Hashable {
        let element: String
        let line: Int?
    }

    var place: Place { Place(element: element, line: line) }
}

extension MetadataFinding: CustomStringConvertible {
    /// Such as `line 5: slreq:bytes: must be a non-negative integer, found 'x' [bytes-number]`.
    public var description: String {
        if kind == .unsigned { return "no signature" }
        let place = line.map { "line \($0): " } ?? ""
        return "\(place)\(element): \(reason) [\(rule)]"
    }
}
