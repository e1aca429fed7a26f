// SPDX-License-Identifier: Apache-2.0
public import Signatures

/// What became of validating a metadata document.
public enum MetadataVerdict: Sendable, Hashable {
    /// Signed by the certificate's key, all rules kept, and the endorsement names the
    /// certificate's owner. Expiry is another question: ``MetadataDocument/isExpired(at:)``.
    case valid(MetadataEndorsement, Certificate, XMLSignatureProfile)
    /// At least one finding, in the order signature, constraints, consistency.
    case invalid([MetadataFinding])

    public var isValid: Bool {
        if case .valid = self { true } else { false }
    }

    /// Empty for a valid document.
    public var findings: [MetadataFinding] {
        if case .invalid(let findings) = self { findings } else { [] }
    }
}

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
    /// Which rule is broken, and by what.
    public var reason: String

    public init(_ kind: Kind, _ element: String, _ reason: String) {
        self.kind = kind
        self.element = element
        self.reason = reason
    }
}

extension MetadataFinding: CustomStringConvertible {
    public var description: String {
        kind == .unsigned ? "no signature" : "\(element): \(reason)"
    }
}
