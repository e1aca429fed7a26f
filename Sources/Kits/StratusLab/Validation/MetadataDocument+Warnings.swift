// SPDX-License-Identifier: Apache-2.0
public import Events
internal import Signatures

extension MetadataDocument {
    /// What is doubtful about the document at `time`, be it valid or not. None of it makes a
    /// document invalid; StratusLab's own verifier is silent on all of it.
    public func warnings(at time: Timestamp) -> [MetadataWarning] {
        timeWarnings(at: time) + strengthWarnings
    }

    private func timeWarnings(at time: Timestamp) -> [MetadataWarning] {
        var warnings: [MetadataWarning] = []
        if isExpired(at: time), let valid = fields.valid {
            warnings.append(MetadataWarning(.expired, "dcterms:valid", "expired at \(valid)"))
        }
        let dates = [
            ("slreq:endorsement", fields.endorsement?.created), ("dcterms:created", fields.created),
        ]
        for case (let element, let created?) in dates where created > time {
            warnings.append(
                MetadataWarning(.notYetCreated, element, "was made at \(created), after \(time)"))
        }
        if let reason = fields.deprecated, !reason.isEmpty {
            warnings.append(
                MetadataWarning(.deprecated, "slterms:deprecated", "'\(reason.prefix(200))'"))
        }
        return warnings
    }

    private var strengthWarnings: [MetadataWarning] {
        var warnings: [MetadataWarning] = []
        // The bytes have been read as a tree before: this document was made of one.
        let strength = (try? Self.tree(bytes)).flatMap { XMLSignatureStrength(of: $0) }
        if strength?.isSignatureWeak == true {
            warnings.append(
                MetadataWarning(.weakSignature, "SignatureMethod", "rsa-sha1 is weak"))
        }
        if strength?.isDigestWeak == true {
            warnings.append(MetadataWarning(.weakDigest, "DigestMethod", "sha1 is weak"))
        }
        if let bits = strength?.keyBits, bits < XMLSignatureStrength.keyBitsMin {
            warnings.append(
                MetadataWarning(.weakKey, "X509Certificate", "an RSA key of \(bits) bits is weak"))
        }
        if fields.checksums[.sha256] == nil, fields.checksums[.sha512] == nil {
            warnings.append(
                MetadataWarning(
                    .weakChecksums, "slreq:checksum", "no SHA-256 and no SHA-512 is given"))
        }
        return warnings
    }
}
