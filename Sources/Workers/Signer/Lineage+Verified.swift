// SPDX-License-Identifier: Apache-2.0
import Events

extension Lineage {
    /// The verifier's evidence, against the policy it works by: every expected digest is one of
    /// the file's, and at least one is strong or accepted by name in the request.
    func checkEvidence() throws(LineageBreach) {
        guard !verified.evidence.isEmpty else {
            throw LineageBreach("evidence-missing", "nothing vouches for the image's digests")
        }
        for evidence in verified.evidence {
            try checkSource(of: evidence)
            try same(
                "evidence-mismatch",
                "the \(evidence.algorithm.displayName) from \(evidence.source.prefix(200))",
                evidence.value.lowercased(), "the file's", fetched.digests[evidence.algorithm])
        }
        let accepted = request.acceptWeakDigests ?? []
        guard
            verified.evidence.contains(where: {
                $0.algorithm.isStrong || accepted.contains($0.algorithm)
            })
        else {
            throw LineageBreach(
                "evidence-weak",
                "only weak digests vouch for the image, and the request does not accept them")
        }
        try checkSignature()
        for (name, value) in request.digests ?? [:] {
            guard let algorithm = DigestAlgorithm(rawValue: name) else { continue }
            try same(
                "request-digest", "the request's \(algorithm.displayName)", value.lowercased(),
                "the file's", fetched.digests[algorithm])
        }
    }

    /// Where the request demands a signature, one of a checksum file's digests that are enough by
    /// themselves bears one. Whether it is good is the verifier's word.
    private func checkSignature() throws(LineageBreach) {
        guard request.requireSignature == true else { return }
        let accepted = request.acceptWeakDigests ?? []
        let isSigned = verified.evidence.contains { evidence in
            evidence.signature != nil && evidence.source != "request"
                && (evidence.algorithm.isStrong || accepted.contains(evidence.algorithm))
        }
        guard isSigned else {
            throw LineageBreach(
                "signature-missing",
                "the request demands a signed checksum file, and the verifier has found none")
        }
    }

    /// Only the request, and the checksum files that it names and that were fetched, can vouch.
    private func checkSource(of evidence: Verified.Evidence) throws(LineageBreach) {
        let isKnown =
            if evidence.source == "request" {
                request.digests?[evidence.algorithm.rawValue] != nil
            } else {
                (request.checksumFiles ?? []).contains { $0.url == evidence.source }
                    && fetched.checksumFiles.contains { $0.url == evidence.source }
            }
        guard isKnown else {
            throw LineageBreach(
                "evidence-source",
                "the request does not name \(evidence.source.prefix(200)) as a source of its"
                    + " \(evidence.algorithm.displayName)")
        }
    }
}
