// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import CXMLSec
public import XMLDocuments

extension XMLSignature {
    /// Shortest RSA key that is believed, in bits. Documents of StratusLab's time have such keys.
    private static let verificationBitsMin = 1024

    /// Checks the document's signature, strictly: exactly one, a child of the root, covering the
    /// whole document and nothing else, made with the key of the one certificate inside. So no
    /// signature of another document, or of a part, can vouch for this one (signature wrapping).
    ///
    /// - Parameters:
    ///   - allowsSHA1Digest: accept a SHA-1 digest of the document, which StratusLab's own tool
    ///     wrote.
    ///   - identity: who is expected to have signed: when the certificate is his, his loaded key
    ///     serves instead of one read from the document. The checks are the same.
    public static func verify(
        _ document: XMLDocument, allowsSHA1Digest: Bool = false,
        expecting identity: SigningIdentity? = nil
    ) -> XMLSignatureVerdict {
        XMLSecLibrary.start()
        XMLLibrary.silenceThread()
        do {
            let found = try elements(in: document)
            guard let signature = found.first else { return .unsigned }
            guard found.count == 1 else {
                throw Finding("Signature", "\(found.count) signatures, only one is allowed")
            }
            let parts = try SignatureParts(signature, allowsSHA1Digest: allowsSHA1Digest)
            let certificate = try check(signature, with: parts, expecting: identity)
            return .valid(certificate, parts.profile)
        } catch let finding as Finding {
            return .invalid(element: finding.element, reason: finding.reason)
        } catch {
            return .invalid(element: "Signature", reason: "\(error)")
        }
    }

    private static func check(
        _ signature: XMLElement, with parts: SignatureParts, expecting identity: SigningIdentity?
    ) throws -> Certificate {
        if let identity, identity.certificate.der == parts.certificate {
            try check(signature, with: identity.key)
            return identity.certificate
        }
        let (certificate, key) = try certificate(parts.certificate)
        defer { xmlSecKeyDestroy(key) }
        try check(signature, with: key)
        return certificate
    }

    /// The certificate and its key, which the caller frees.
    private static func certificate(_ der: [UInt8]) throws -> (Certificate, xmlSecKeyPtr) {
        do {
            let x509 = try X509Certificate(der: der)
            let certificate = try Certificate(x509)
            let publicKey = X509_get0_pubkey(x509.raw)
            try PrivateKey.checkRSA(publicKey, bitsMin: verificationBitsMin)
            guard let publicKey else { throw SignaturesError.invalidCertificate("no key") }
            return (certificate, try XMLSecLibrary.key(sharing: publicKey))
        } catch {
            throw Finding("X509Certificate", "\(error)")
        }
    }

    private static func check(_ signature: XMLElement, with key: xmlSecKeyPtr) throws {
        let context = try XMLSignatureContext(borrowing: key)
        let isValid = context.verify(signature)
        OpenSSLLibrary.clearErrors()
        guard isValid else {
            throw Finding(
                "Signature", "does not match: the document was changed, or signed with another key")
        }
    }
}

/// A broken rule: which element, which rule.
private struct Finding: Error {
    let element: String
    let reason: String

    init(_ element: String, _ reason: String) {
        self.element = element
        self.reason = reason
    }
}

/// The parts of a signature, after its structure was found to be the one allowed.
private struct SignatureParts {
    let profile: XMLSignatureProfile
    /// DER.
    let certificate: [UInt8]

    init(_ signature: XMLElement, allowsSHA1Digest: Bool) throws(Finding) {
        guard let parent = signature.parent, parent.parent == nil else {
            throw Finding("Signature", "must be a child of the root element")
        }
        let parts = try Self.children(of: signature, ["SignedInfo", "SignatureValue", "KeyInfo"])
        let info = try Self.children(
            of: parts[0], ["CanonicalizationMethod", "SignatureMethod", "Reference"])
        try Self.checkCanonicalization(info[0])
        profile = try Self.profile(info[1])
        try Self.checkReference(info[2], allowsSHA1Digest: allowsSHA1Digest)
        let data = try Self.children(of: parts[2], ["X509Data"])
        let certificate = try Self.children(of: data[0], ["X509Certificate"])
        guard let der = Base64.decode(certificate[0].text), !der.isEmpty else {
            throw Finding("X509Certificate", "is not Base64")
        }
        self.certificate = der
    }

    private static func checkCanonicalization(_ method: XMLElement) throws(Finding) {
        guard
            [XMLSignatureAlgorithm.canonical, XMLSignatureAlgorithm.canonicalWithComments]
                .contains(try algorithm(of: method))
        else {
            throw Finding("CanonicalizationMethod", "must be Canonical XML 1.0")
        }
    }

    private static func profile(_ method: XMLElement) throws(Finding) -> XMLSignatureProfile {
        let name = try algorithm(of: method)
        let profile = XMLSignatureProfile.allCases.first { $0.signatureMethod == name }
        guard let profile else {
            throw Finding("SignatureMethod", "must be rsa-sha1 or rsa-sha256, found '\(name)'")
        }
        return profile
    }

    private static func checkReference(
        _ reference: XMLElement, allowsSHA1Digest: Bool
    ) throws(Finding) {
        guard reference.attribute("URI") == "" else {
            throw Finding("Reference", "its URI must be empty: the whole document")
        }
        let parts = try children(of: reference, ["Transforms", "DigestMethod", "DigestValue"])
        var transforms: [String] = []
        for transform in parts[0].children {
            guard transform.isNamed("Transform", in: XMLSignature.namespace) else {
                throw Finding("Transforms", "holds '\(transform.qualifiedName)'")
            }
            transforms.append(try algorithm(of: transform))
        }
        let canonical = [
            XMLSignatureAlgorithm.canonical, XMLSignatureAlgorithm.canonicalWithComments,
        ]
        guard transforms.first == XMLSignatureAlgorithm.enveloped, transforms.count <= 2,
            transforms.dropFirst().allSatisfy({ canonical.contains($0) })
        else {
            throw Finding(
                "Transforms", "must be enveloped-signature, then at most Canonical XML 1.0")
        }
        try checkDigest(try algorithm(of: parts[1]), allowsSHA1: allowsSHA1Digest)
    }

    private static func checkDigest(_ name: String, allowsSHA1: Bool) throws(Finding) {
        if name == XMLSignatureAlgorithm.sha256 { return }
        guard name == XMLSignatureAlgorithm.sha1 else {
            throw Finding("DigestMethod", "must be sha256, found '\(name)'")
        }
        guard allowsSHA1 else {
            throw Finding("DigestMethod", "sha1 is refused unless SHA-1 digests are allowed")
        }
    }

    /// The Algorithm attribute of an element that has no content.
    private static func algorithm(of element: XMLElement) throws(Finding) -> String {
        guard let name = element.attribute("Algorithm"), element.children.isEmpty else {
            throw Finding(element.name, "must have an Algorithm and no content")
        }
        return String(name.prefix(128))
    }

    /// The element's children, when they are exactly these.
    private static func children(
        of element: XMLElement, _ names: [String]
    ) throws(Finding) -> [XMLElement] {
        let children = element.children
        let isExact =
            children.count == names.count
            && zip(children, names).allSatisfy { $0.isNamed($1, in: XMLSignature.namespace) }
        guard isExact else {
            throw Finding(element.name, "must hold exactly \(names.joined(separator: ", "))")
        }
        return children
    }
}
