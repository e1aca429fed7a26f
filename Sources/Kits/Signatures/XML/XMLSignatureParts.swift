// SPDX-License-Identifier: Apache-2.0
internal import XMLDocuments

/// The parts of a signature, after its structure was found to be the one allowed: these elements
/// and attributes, no comments, and nothing else that a verifier could take for something.
struct XMLSignatureParts {
    let profile: XMLSignatureProfile
    /// DER.
    let certificate: [UInt8]
    /// The element X509Certificate, to be pointed at.
    let holder: XMLElement

    private typealias Fault = XMLSignatureFault

    init(_ signature: XMLElement, allowsSHA1Digest: Bool) throws(XMLSignatureFault) {
        let parts = try Self.children(of: signature, ["SignedInfo", "SignatureValue", "KeyInfo"])
        let info = try Self.children(
            of: parts[0], ["CanonicalizationMethod", "SignatureMethod", "Reference"])
        try Self.checkCanonicalization(info[0])
        profile = try Self.profile(info[1])
        try Self.checkReference(info[2], allowsSHA1Digest: allowsSHA1Digest)
        _ = try Self.bytes(of: parts[1])
        let data = try Self.children(of: parts[2], ["X509Data"])
        holder = try Self.children(of: data[0], ["X509Certificate"])[0]
        certificate = try Self.bytes(of: holder)
    }

    private static func checkCanonicalization(_ method: XMLElement) throws(XMLSignatureFault) {
        guard
            [XMLSignatureAlgorithm.canonical, XMLSignatureAlgorithm.canonicalWithComments]
                .contains(try algorithm(of: method))
        else {
            throw Fault(.canonicalization, method, "must be Canonical XML 1.0")
        }
    }

    private static func profile(
        _ method: XMLElement
    ) throws(XMLSignatureFault) -> XMLSignatureProfile {
        let name = try algorithm(of: method)
        let profile = XMLSignatureProfile.allCases.first { $0.signatureMethod == name }
        guard let profile else {
            throw Fault(.method, method, "must be rsa-sha1 or rsa-sha256, found '\(name)'")
        }
        return profile
    }

    private static func checkReference(
        _ reference: XMLElement, allowsSHA1Digest: Bool
    ) throws(XMLSignatureFault) {
        guard let uri = reference.attribute("URI"), uri.isEmpty else {
            throw Fault(.reference, reference, "its URI must be empty: the whole document")
        }
        let parts = try children(
            of: reference, ["Transforms", "DigestMethod", "DigestValue"], attribute: "URI")
        try checkTransforms(parts[0])
        try checkDigest(parts[1], allowsSHA1: allowsSHA1Digest)
        _ = try bytes(of: parts[2])
    }

    /// The signature is taken out, then the document may be put into canonical form by name, which
    /// is done without a name, too.
    private static func checkTransforms(_ transforms: XMLElement) throws(XMLSignatureFault) {
        try checkForm(transforms)
        var found: [String] = []
        for transform in transforms.children {
            guard transform.isNamed("Transform", in: XMLSignature.namespace) else {
                throw Fault(.transforms, transforms, "holds '\(transform.qualifiedName)'")
            }
            found.append(try algorithm(of: transform))
        }
        let canonical = [
            XMLSignatureAlgorithm.canonical, XMLSignatureAlgorithm.canonicalWithComments,
        ]
        guard found.first == XMLSignatureAlgorithm.enveloped, found.count <= 2,
            found.dropFirst().allSatisfy({ canonical.contains($0) })
        else {
            throw Fault(
                .transforms, transforms,
                "must be enveloped-signature, then at most Canonical XML 1.0")
        }
    }

    private static func checkDigest(
        _ method: XMLElement, allowsSHA1: Bool
    ) throws(XMLSignatureFault) {
        let name = try algorithm(of: method)
        if name == XMLSignatureAlgorithm.sha256 { return }
        guard name == XMLSignatureAlgorithm.sha1 else {
            throw Fault(.digestMethod, method, "must be sha256, found '\(name)'")
        }
        guard allowsSHA1 else {
            throw Fault(
                .digestMethod, method, "sha1 is refused unless SHA-1 digests are allowed")
        }
    }

    /// The Algorithm attribute of an element that has no content.
    private static func algorithm(of element: XMLElement) throws(XMLSignatureFault) -> String {
        guard let name = element.attribute("Algorithm"), element.children.isEmpty else {
            throw Fault(.form, element, "must have an Algorithm and no content")
        }
        try checkForm(element, attribute: "Algorithm")
        return String(name.prefix(128))
    }

    /// What the element's text is in Base64. White space may break its lines; whatever else could
    /// be changed without changing the bytes is refused.
    private static func bytes(of element: XMLElement) throws(XMLSignatureFault) -> [UInt8] {
        guard element.hasOnlyText, element.attributes.isEmpty else {
            throw Fault(.form, element, "must hold text alone")
        }
        let text = element.text
        guard let bytes = Base64.decode(text), !bytes.isEmpty else {
            throw Fault(.base64, element, "is not Base64")
        }
        guard Base64.digits(of: text).elementsEqual(Base64.text(bytes).utf8) else {
            throw Fault(.base64, element, "is not the one way to write its bytes in Base64")
        }
        return bytes
    }

    /// The element's children, when they are exactly these.
    private static func children(
        of element: XMLElement, _ names: [String], attribute: String? = nil
    ) throws(XMLSignatureFault) -> [XMLElement] {
        let children = element.children
        let isExact =
            children.count == names.count
            && zip(children, names).allSatisfy { $0.isNamed($1, in: XMLSignature.namespace) }
        guard isExact else {
            throw Fault(.form, element, "must hold exactly \(names.joined(separator: ", "))")
        }
        try checkForm(element, attribute: attribute)
        return children
    }

    /// Nothing but elements and white space inside, and at most this attribute.
    private static func checkForm(
        _ element: XMLElement, attribute name: String? = nil
    ) throws(XMLSignatureFault) {
        for attribute in element.attributes
        where attribute.name != name || !attribute.namespace.isEmpty {
            throw Fault(.form, element, "must not have the attribute \(attribute.qualifiedName)")
        }
        for piece in element.content {
            switch piece {
            case .element: continue
            case .text(let text) where text.unicodeScalars.allSatisfy(XMLText.isSpace): continue
            default: throw Fault(.form, element, "must hold no text and no comment")
            }
        }
    }
}
