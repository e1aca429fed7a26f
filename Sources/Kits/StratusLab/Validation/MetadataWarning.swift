// SPDX-License-Identifier: Apache-2.0

/// What whoever trusts a valid document should know about it all the same.
public struct MetadataWarning: Sendable, Hashable {
    /// The raw values are stable names, for scripts.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// dcterms:valid has passed.
        case expired
        /// The document or its endorsement was made after the moment asked for.
        case notYetCreated = "not-yet-created"
        /// slterms:deprecated has a reason.
        case deprecated
        /// The signature is rsa-sha1, as the `stratuslab` profile has it.
        case weakSignature = "weak-signature"
        /// The digest of the document is SHA-1.
        case weakDigest = "weak-digest"
        /// The signer's RSA key has fewer than 2048 bits.
        case weakKey = "weak-key"
        /// The image has no checksum better than SHA-1.
        case weakChecksums = "weak-checksums"
    }

    public var kind: Kind
    /// The element as written, such as `dcterms:valid`.
    public var element: String
    public var reason: String

    public init(_ kind: Kind, _ element: String, _ reason: String) {
        self.kind = kind
        self.element = element
        self.reason = reason
    }
}

extension MetadataWarning: CustomStringConvertible {
    public var description: String { "\(element): \(reason) [\(kind.rawValue)]" }
}
