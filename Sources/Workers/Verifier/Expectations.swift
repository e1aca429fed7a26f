// SPDX-License-Identifier: Apache-2.0
import Events

/// Every digest that somebody says the downloaded file has, in the order request, checksum files.
struct Expectations: Sendable, Hashable {
    fileprivate struct Expectation: Sendable, Hashable {
        var claim: Verified.Evidence
        /// The image's name in the checksum file.
        var entry: String?
    }

    private var expectations: [Expectation] = []

    /// Digests by algorithm name, as a valid request has them.
    mutating func add(_ digests: [String: String]) {
        for algorithm in DigestAlgorithm.allCases {
            guard let value = digests[algorithm.rawValue] else { continue }
            expectations.append(
                Expectation(
                    claim: Verified.Evidence(
                        algorithm: algorithm, value: value.lowercased(), source: "request")))
        }
    }

    /// Digests of a checksum file that may be signed.
    mutating func add(
        _ digests: [ListedDigest], of entry: String, from url: String,
        _ judged: SignatureCheck.Judged
    ) {
        for digest in digests {
            expectations.append(
                Expectation(
                    claim: Verified.Evidence(
                        algorithm: digest.algorithm, value: digest.value, source: url,
                        line: digest.line, signature: judged.signature,
                        uncheckedSignature: judged.unchecked), entry: entry))
        }
    }

    /// All expectations, met.
    ///
    /// - Throws: the first that is not, with how many others are not.
    func evidence(
        from digests: Digests, blob: BlobReference
    ) throws(Refusal) -> [Verified.Evidence] {
        let missed = expectations.filter { digests[$0.claim.algorithm] != $0.claim.value }
        guard let first = missed.first else { return expectations.map(\.claim) }
        throw first.mismatch(found: digests[first.claim.algorithm], others: missed.count - 1)
    }
}

extension Expectations.Expectation {
    fileprivate func mismatch(found: String, others: Int) -> Refusal {
        let place =
            claim.line.map { "\(claim.source), line \($0)" } ?? "the \(claim.source)"
        let subject = entry.map { " of '\($0)'" } ?? ""
        let more = others > 0 ? " (and \(others) more digests do not match)" : ""
        var evidence = [
            "source": claim.source, "algorithm": claim.algorithm.rawValue,
            "expected": claim.value, "found": found,
        ]
        evidence["line"] = claim.line.map { "\($0)" }
        evidence["entry"] = entry
        return Refusal(
            "digest-mismatch",
            "\(place): \(claim.algorithm.displayName)\(subject) should be \(claim.value),"
                + " but the downloaded file has \(found)\(more)", evidence)
    }
}
