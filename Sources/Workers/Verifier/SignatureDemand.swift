// SPDX-License-Identifier: Apache-2.0
import Events

/// When a good signature by a trusted key is needed, and whether there is one.
struct SignatureDemand: Sendable, Hashable {
    /// Sources whose checksum files, and whose images, nobody may use unsigned.
    var sources: [SourcePattern] = []

    /// Throws when a file from such a source is not signed.
    func check(_ judged: SignatureCheck.Judged, of url: String) throws(Refusal) {
        guard judged.signature == nil, isDemanded(for: url) else { return }
        throw Self.refusal(
            unchecked: judged.unchecked, url,
            "checksum files of this source must be signed (verifier.require-signature)")
    }

    /// Throws when the request or its source demands a signature, and the signed checksum files
    /// alone are not evidence enough.
    func check(
        _ evidence: [Verified.Evidence], of request: ImageRequest, _ policy: DigestPolicy
    ) throws(Refusal) {
        let isDemandedHere = isDemanded(for: request.source.url)
        guard request.requireSignature == true || isDemandedHere else { return }
        let signed = evidence.filter { $0.signature != nil }
        let reason =
            isDemandedHere
            ? "images of this source need a signed checksum file (verifier.require-signature)"
            : "the request demands a signed checksum file (requireSignature)"
        guard !signed.isEmpty else {
            let first = evidence.first { $0.uncheckedSignature != nil }
            throw Self.refusal(
                unchecked: first?.uncheckedSignature, first?.source ?? request.source.url, reason)
        }
        let weak = policy.refusal(of: signed, weakByName: request.acceptWeakDigests ?? [])
        guard let weak else { return }
        throw Refusal(
            "signature-missing", "\(reason), and of what is signed \(weak.rejection.message)",
            weak.rejection.evidence)
    }

    private func isDemanded(for url: String) -> Bool {
        sources.contains { $0.matches(url) }
    }

    private static func refusal(
        unchecked: Verified.SignatureFormat?, _ url: String, _ reason: String
    ) -> Refusal {
        guard let unchecked else {
            return Refusal(
                "signature-missing", "\(reason), but there is no signature", ["source": url])
        }
        return Refusal(
            "signature-unchecked",
            "\(reason), but no key is configured to judge the signature of \(url)"
                + " (verifier.keyrings)", ["source": url, "format": unchecked.rawValue])
    }
}
