// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import CXMLSec
public import XMLDocuments

extension XMLSignature {
    /// Bits of RSA keys that are believed. Longer ones cost more than documents are worth.
    private static let keyBits = XMLSignatureStrength.keyBitsMin...8192
    /// Shortest RSA key of documents of StratusLab's time, in bits.
    private static let oldKeyBitsMin = 1024

    /// Checks the document's signature, strictly: exactly one, the last child of the root, covering
    /// the whole document and nothing else, made with the key of the one certificate inside. So no
    /// signature of another document, or of a part, can vouch for this one (signature wrapping).
    ///
    /// - Parameters:
    ///   - allowsSHA1Digest: accept what StratusLab's own tools wrote: a SHA-1 digest of the
    ///     document, and keys of 1024 bits and more instead of 2048.
    ///   - identity: who is expected to have signed: when the certificate is his, his loaded key
    ///     serves instead of one read from the document. The checks are the same.
    public static func verify(
        _ document: XMLDocument, allowsSHA1Digest: Bool = false,
        expecting identity: SigningIdentity? = nil
    ) -> XMLSignatureVerdict {
        XMLSecLibrary.start()
        XMLLibrary.silenceThread()
        do {
            let root = try document.root
            let found = root.subtree.filter { $0.isNamed("Signature", in: namespace) }
            guard let signature = found.first else { return .unsigned }
            try checkPlace(of: found, in: root)
            let parts = try XMLSignatureParts(signature, allowsSHA1Digest: allowsSHA1Digest)
            let certificate = try check(
                signature, with: parts, expecting: identity,
                bits: allowsSHA1Digest ? oldKeyBitsMin...keyBits.upperBound : keyBits)
            return .valid(certificate, parts.profile)
        } catch let fault as XMLSignatureFault {
            return .invalid(fault)
        } catch {
            return .invalid(XMLSignatureFault(.form, nil, "\(error)"))
        }
    }

    private static func checkPlace(
        of found: [XMLElement], in root: XMLElement
    ) throws(XMLSignatureFault) {
        guard found.count == 1 else {
            throw XMLSignatureFault(
                .count, found.last, "\(found.count) signatures, only one is allowed")
        }
        guard let last = root.children.last, last.isNamed("Signature", in: namespace) else {
            throw XMLSignatureFault(
                .place, found.first, "must be the last child of the root element")
        }
    }

    private static func check(
        _ signature: XMLElement, with parts: XMLSignatureParts,
        expecting identity: SigningIdentity?, bits: ClosedRange<Int>
    ) throws -> Certificate {
        if let identity, identity.certificate.der == parts.certificate {
            try check(signature, with: identity.key)
            return identity.certificate
        }
        let (certificate, key) = try certificate(of: parts, bits: bits)
        defer { xmlSecKeyDestroy(key) }
        try check(signature, with: key)
        return certificate
    }

    /// The certificate and its key, which the caller frees.
    private static func certificate(
        of parts: XMLSignatureParts, bits: ClosedRange<Int>
    ) throws -> (Certificate, xmlSecKeyPtr) {
        do {
            let x509 = try X509Certificate(der: parts.certificate)
            let certificate = try Certificate(x509)
            guard let publicKey = X509_get0_pubkey(x509.raw),
                EVP_PKEY_get_base_id(publicKey) == EVP_PKEY_RSA
            else {
                OpenSSLLibrary.clearErrors()
                throw XMLSignatureFault(.key, parts.holder, "must have an RSA key")
            }
            let found = Int(EVP_PKEY_get_bits(publicKey))
            guard bits.contains(found) else {
                throw XMLSignatureFault(
                    .key, parts.holder,
                    "has an RSA key of \(found) bits; \(bits.lowerBound) to \(bits.upperBound) "
                        + "are accepted")
            }
            return (certificate, try XMLSecLibrary.key(sharing: publicKey))
        } catch let error as SignaturesError {
            throw XMLSignatureFault(.certificate, parts.holder, "\(error)")
        }
    }

    private static func check(_ signature: XMLElement, with key: xmlSecKeyPtr) throws {
        let context = try XMLSignatureContext(borrowing: key)
        let isValid = context.verify(signature)
        OpenSSLLibrary.clearErrors()
        guard isValid else {
            throw XMLSignatureFault(
                .mismatch, signature,
                "does not match: the document was changed, or signed with another key")
        }
    }
}
