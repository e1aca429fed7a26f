// SPDX-License-Identifier: Apache-2.0

/// What became of checking a document's signature.
public enum XMLSignatureVerdict: Sendable, Hashable {
    /// The signature covers the whole document and was made with the certificate's key. Says
    /// nothing about who issued the certificate.
    case valid(Certificate, XMLSignatureProfile)
    /// There is no signature at all.
    case unsigned
    /// The element and the rule that it breaks, such as `Reference` and `URI must be empty`.
    case invalid(element: String, reason: String)
}
