// SPDX-License-Identifier: Apache-2.0
internal import XMLDocuments

/// What became of checking a document's signature.
public enum XMLSignatureVerdict: Sendable, Hashable {
    /// The signature covers the whole document and was made with the certificate's key. Says
    /// nothing about who issued the certificate.
    case valid(Certificate, XMLSignatureProfile)
    /// There is no signature at all.
    case unsigned
    case invalid(XMLSignatureFault)
}

/// The first rule that a signature breaks.
public struct XMLSignatureFault: Error, Sendable, Hashable {
    /// The raw values are stable names, for scripts.
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        /// More than one signature.
        case count = "signature-count"
        /// Not the last child of the root element.
        case place = "signature-place"
        /// An element, attribute or text more or less than the one form allowed.
        case form = "signature-form"
        case canonicalization = "signature-canonicalization"
        case method = "signature-method"
        /// It does not refer to the whole document.
        case reference = "signature-reference"
        case transforms = "signature-transforms"
        case digestMethod = "signature-digest-method"
        /// Not Base64, or not the one way to write these bytes in it.
        case base64 = "signature-base64"
        case certificate = "signature-certificate"
        case key = "signature-key"
        /// The document was changed, or signed with another key.
        case mismatch = "signature-mismatch"
    }

    public let rule: Rule
    /// The element's name without prefix, such as `Reference`.
    public let element: String
    /// How the rule is broken, such as `its URI must be empty: the whole document`.
    public let reason: String
    /// 1-based line of the document; nil when it was not parsed from a text.
    public let line: Int?

    init(_ rule: Rule, _ element: XMLElement?, _ reason: String) {
        self.rule = rule
        self.element = element?.name ?? "Signature"
        self.reason = reason
        let line = element?.line ?? 0
        self.line = line > 0 ? line : nil
    }
}
