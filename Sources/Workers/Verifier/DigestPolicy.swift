// SPDX-License-Identifier: Apache-2.0
import Events

/// Which digests are reason enough to trust an image.
struct DigestPolicy: Sendable, Hashable {
    /// One matching digest of these suffices.
    var accepted: Set<DigestAlgorithm>
    /// Whether a weak one suffices when the request accepts it by name.
    var allowsWeak: Bool

    /// Why the evidence, every item of which matches, is not enough; nil when it is.
    ///
    /// - Parameter weakByName: what the request's `acceptWeakDigests` lists.
    func refusal(
        of evidence: [Verified.Evidence], weakByName: [DigestAlgorithm]
    ) -> Refusal? {
        let found = Set(evidence.map(\.algorithm))
        guard found.isDisjoint(with: accepted) else { return nil }
        let weak = found.filter { !$0.isStrong }
        if allowsWeak, !weak.isDisjoint(with: weakByName) { return nil }
        return Refusal(
            "no-trusted-digest", message(found: found, weak: weak),
            [
                "found": Self.names(found), "accepted": Self.names(accepted),
                "acceptWeakDigests": Self.names(Set(weakByName)),
            ])
    }

    private func message(found: Set<DigestAlgorithm>, weak: Set<DigestAlgorithm>) -> String {
        let wanted = "add a \(Self.names(accepted, joint: " or ")) digest or checksum file"
        guard !found.isEmpty else { return "the request names no digest to compare: \(wanted)" }
        let only = "only \(Self.names(found)) vouches for the image, which is not enough: \(wanted)"
        guard let name = DigestAlgorithm.allCases.first(where: weak.contains) else { return only }
        guard allowsWeak else { return only + " (this verifier accepts no weak digest at all)" }
        return only + ", or accept it by name (acceptWeakDigests: [\(name.rawValue)])"
    }

    private static func names(_ algorithms: Set<DigestAlgorithm>, joint: String = ",") -> String {
        DigestAlgorithm.allCases.filter(algorithms.contains).map(\.rawValue)
            .joined(separator: joint)
    }
}
