// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
public import XMLDocuments

/// How strong the parts of a signature are, whether it holds or not.
public struct XMLSignatureStrength: Sendable, Hashable {
    /// The signature is made over a SHA-1 digest.
    public let isSignatureWeak: Bool
    /// The digest of the document is SHA-1.
    public let isDigestWeak: Bool
    /// Bits of the certificate's RSA key; nil when there is no such key.
    public let keyBits: Int?

    /// Keys with fewer bits are weak (NIST SP 800-131A, section 3).
    public static let keyBitsMin = 2048

    /// Of the document's signature; nil when there is none or more than one.
    public init?(of document: XMLDocument) {
        guard let found = try? XMLSignature.elements(in: document), found.count == 1 else {
            return nil
        }
        let parts = found[0].subtree
        func part(_ name: String) -> XMLElement? {
            parts.first { $0.isNamed(name, in: XMLSignature.namespace) }
        }
        isSignatureWeak =
            part("SignatureMethod")?.attribute("Algorithm") == XMLSignatureAlgorithm.rsaSHA1
        isDigestWeak = part("DigestMethod")?.attribute("Algorithm") == XMLSignatureAlgorithm.sha1
        keyBits = part("X509Certificate").flatMap { Base64.decode($0.text) }.flatMap(Self.bits)
    }

    private static func bits(_ der: [UInt8]) -> Int? {
        guard let certificate = try? X509Certificate(der: der) else { return nil }
        let key = X509_get0_pubkey(certificate.raw)
        OpenSSLLibrary.clearErrors()
        return key.map { Int(EVP_PKEY_get_bits($0)) }
    }
}
