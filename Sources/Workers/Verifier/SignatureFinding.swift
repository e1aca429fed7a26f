// SPDX-License-Identifier: Apache-2.0
import Events

/// What was found out about one signature of a checksum file.
struct SignatureFinding: Sendable, Hashable {
    enum Verdict: Sendable, Hashable {
        case good(Verified.Signature)
        /// The file or the signature was changed, or they do not belong together.
        case bad
        case signatureExpired
        case keyExpired
        case keyRevoked
        case keyUnknown
        /// Right, but over a digest that can be forged.
        case weak
        /// Of a kind that the tool at hand cannot check.
        case unsupported
    }

    var verdict: Verdict
    /// Fingerprint or number of the key, as far as known.
    var key: String
    /// The key's user ID, when it is known.
    var signer: String?

    /// The signature that makes a file trusted: one good one suffices, and one that is bad spoils
    /// all others, since a trusted key made it, and not of this file.
    ///
    /// - Parameter url: of the checksum file.
    /// - Throws: ``Refusal`` when there is none.
    static func trusted(
        among findings: [SignatureFinding], of url: String
    ) throws(Refusal) -> Verified.Signature {
        if let bad = findings.first(where: { $0.verdict == .bad }) { throw bad.refusal(of: url) }
        for finding in findings {
            if case .good(let signature) = finding.verdict { return signature }
        }
        guard let first = findings.first else {
            throw Refusal(
                "signature-malformed", "\(url): what should be its signature is none",
                ["source": url])
        }
        throw first.refusal(of: url)
    }

    private func refusal(of url: String) -> Refusal {
        let name = signer.map { "\($0) (key \(key))" } ?? "the key \(key)"
        var evidence = ["source": url, "key": key]
        evidence["signer"] = signer
        let (rule, reason) = rule(name)
        return Refusal(rule, "\(url): \(reason)", evidence)
    }

    private func rule(_ name: String) -> (String, String) {
        switch verdict {
        case .bad:
            (
                "signature-bad",
                "the signature by \(name) is not of this file: one of them was changed"
            )
        case .signatureExpired: ("signature-expired", "the signature by \(name) has expired")
        case .keyExpired: ("signature-key-expired", "it is signed by \(name), which has expired")
        case .keyRevoked: ("signature-key-revoked", "it is signed by \(name), which is revoked")
        case .keyUnknown:
            (
                "signature-key-unknown",
                "it is signed by \(name), which verifier.keyrings does not name for this source"
            )
        case .weak:
            ("signature-weak", "the signature by \(name) is of a digest that can be forged")
        case .good, .unsupported:
            ("signature-unsupported", "the signature by \(name) is of a kind that is not known")
        }
    }
}
