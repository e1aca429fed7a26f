// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Signatures
internal import XMLDocuments

extension MetadataDocument {
    /// Checks signature, constraints and consistency, in this order, as StratusLab's marketplace
    /// does. All findings of a kind are reported; constraints are looked at only when the signature
    /// holds, since nothing in a forged document means anything.
    ///
    /// - Parameter allowsSHA1Digest: accept a SHA-1 digest of the document, as StratusLab's own
    ///   tool wrote it.
    public func verdict(allowsSHA1Digest: Bool = false) -> MetadataVerdict {
        verdict(allowsSHA1Digest: allowsSHA1Digest, expecting: nil)
    }

    /// - Parameter identity: see ``XMLSignature/verify(_:allowsSHA1Digest:expecting:)``.
    func verdict(
        allowsSHA1Digest: Bool = false, expecting identity: SigningIdentity?
    ) -> MetadataVerdict {
        let signature: XMLSignatureVerdict
        do {
            signature = XMLSignature.verify(
                try Self.tree(bytes), allowsSHA1Digest: allowsSHA1Digest, expecting: identity)
        } catch {
            return .invalid([MetadataFinding(error)])
        }
        switch signature {
        case .unsigned:
            return .invalid([
                MetadataFinding(.unsigned, "Signature", "no signature", rule: "unsigned")
            ])
        case .invalid(let fault):
            return .invalid([
                MetadataFinding(
                    .signature, fault.element, fault.reason, rule: fault.rule.rawValue,
                    line: fault.line)
            ])
        case .valid(let certificate, let profile):
            return verdict(certificate: certificate, profile: profile)
        }
    }

    /// Broken rules of the content, whether it is signed or not.
    public var contentFindings: [MetadataFinding] { findings }

    private func verdict(
        certificate: Certificate, profile: XMLSignatureProfile
    ) -> MetadataVerdict {
        guard let endorsement = fields.endorsement else {
            let empty = MetadataFinding(
                .constraint, "slreq:endorsement", "is empty", rule: "endorsement-empty")
            return .invalid(findings.isEmpty ? [empty] : findings)
        }
        let endorser = endorsement.endorser
        let pairs = [
            ("email", endorser.email, certificate.email ?? endorser.email),
            ("subject", endorser.subject, certificate.subject),
            ("issuer", endorser.issuer, certificate.issuer),
        ]
        var findings = findings
        // Compared as Java does: the same letters in another Unicode form are another name.
        for (name, found, expected) in pairs where !found.utf8.elementsEqual(expected.utf8) {
            findings.append(
                MetadataFinding(
                    .consistency, "slreq:" + name,
                    "'\(found)' is not the certificate's '\(expected)'",
                    rule: "endorser-" + name))
        }
        return findings.isEmpty ? .valid(endorsement, certificate, profile) : .invalid(findings)
    }
}
