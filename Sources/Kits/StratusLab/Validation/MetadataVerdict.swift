// SPDX-License-Identifier: Apache-2.0
public import Signatures

/// What became of validating a metadata document.
public enum MetadataVerdict: Sendable, Hashable {
    /// Signed by the certificate's key, all rules kept, and the endorsement names the
    /// certificate's owner. Expiry is another question: ``MetadataDocument/warnings(at:)``. So is
    /// who issued the certificate.
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
