// SPDX-License-Identifier: Apache-2.0

/// Which algorithms an XML signature is made with. The document's digest is SHA-256 in both.
public enum XMLSignatureProfile: String, Sendable, Hashable, CaseIterable {
    /// rsa-sha1, the only RSA signature that StratusLab's verifiers know.
    case stratuslab
    /// rsa-sha256 (RFC 4051).
    case modern

    /// The SignatureMethod's identifier.
    public var signatureMethod: String {
        switch self {
        case .stratuslab: XMLSignatureAlgorithm.rsaSHA1
        case .modern: XMLSignatureAlgorithm.rsaSHA256
        }
    }
}

/// Identifiers of XML-DSig (https://www.w3.org/TR/xmldsig-core1/) that are written or accepted.
enum XMLSignatureAlgorithm {
    static let rsaSHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    static let rsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    static let sha1 = "http://www.w3.org/2000/09/xmldsig#sha1"
    static let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256"
    static let enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    static let canonical = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    static let canonicalWithComments = canonical + "#WithComments"
}
