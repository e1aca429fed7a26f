// SPDX-License-Identifier: Apache-2.0
public import XMLDocuments

/// Enveloped XML signatures over a whole document, with an X.509 certificate inside
/// (https://www.w3.org/TR/xmldsig-core1/).
public enum XMLSignature {
    /// The namespace of signatures.
    public static let namespace = XMLNamespace(
        prefix: "", uri: "http://www.w3.org/2000/09/xmldsig#")

    /// All signatures in the document, wherever they stand.
    public static func elements(
        in document: XMLDocument
    ) throws(XMLDocumentsError) -> [XMLElement] {
        try document.root.subtree.filter { $0.isNamed("Signature", in: namespace) }
    }

    /// Appends a signature as the last child of the root. The same document, identity and profile
    /// give the same bytes (RSASSA-PKCS1-v1_5, RFC 8017 section 8.2, has no random part).
    public static func sign(
        _ document: XMLDocument, by identity: SigningIdentity, profile: XMLSignatureProfile
    ) throws(SignaturesError) {
        XMLLibrary.silenceThread()
        let signature: XMLElement
        do {
            signature = try template(
                in: try document.root, profile: profile, certificate: identity.certificateText)
        } catch {
            throw .signingFailed("\(error)")
        }
        let context = try XMLSignatureContext(
            borrowing: identity.token?.draftKey ?? identity.key,
            keepsSignedInfo: identity.token != nil)
        guard context.sign(signature) else {
            throw .signingFailed("\(profile.rawValue) signature: \(OpenSSLLibrary.lastError())")
        }
        if let token = identity.token {
            let value = try token.value(for: context.signedInfo, profile: profile)
            try replaceValue(of: signature, with: value)
        }
    }

    private static func replaceValue(
        of signature: XMLElement, with text: String
    ) throws(SignaturesError) {
        do {
            for value in signature.children("SignatureValue", in: namespace) {
                value.removeContent()
                try value.append(text: text)
            }
        } catch {
            throw .signingFailed("\(error)")
        }
    }

    /// A signature without its values, which xmlsec1 fills in. Same structure as StratusLab's own
    /// tool writes (`X509Utils.signDocument`), but for the digest method.
    private static func template(
        in root: XMLElement, profile: XMLSignatureProfile, certificate: String
    ) throws(XMLDocumentsError) -> XMLElement {
        let signature = try root.append("Signature", in: namespace)
        let info = try signature.append("SignedInfo", in: namespace)
        try info.append("CanonicalizationMethod", in: namespace)
            .setAttribute("Algorithm", to: XMLSignatureAlgorithm.canonicalWithComments)
        try info.append("SignatureMethod", in: namespace)
            .setAttribute("Algorithm", to: profile.signatureMethod)
        let reference = try info.append("Reference", in: namespace)
        try reference.setAttribute("URI", to: "")
        try reference.append("Transforms", in: namespace).append("Transform", in: namespace)
            .setAttribute("Algorithm", to: XMLSignatureAlgorithm.enveloped)
        try reference.append("DigestMethod", in: namespace)
            .setAttribute("Algorithm", to: XMLSignatureAlgorithm.sha256)
        try reference.append("DigestValue", in: namespace)
        try signature.append("SignatureValue", in: namespace)
        try signature.append("KeyInfo", in: namespace).append("X509Data", in: namespace)
            .append("X509Certificate", in: namespace, text: certificate)
        return signature
    }
}
