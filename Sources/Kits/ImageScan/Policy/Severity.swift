// SPDX-License-Identifier: Apache-2.0

/// How bad it is when a check fails.
public enum Severity: String, Codable, Sendable, Hashable, CaseIterable {
    /// Untidy.
    case low
    /// Helps an attacker, or costs the site that runs the image.
    case medium
    /// A way in, given one more mistake.
    case high
    /// A way in for everybody.
    case critical
}

extension Severity: Comparable {
    public static func < (left: Severity, right: Severity) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .low: 0
        case .medium: 1
        case .high: 2
        case .critical: 3
        }
    }
}
