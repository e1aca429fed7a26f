// SPDX-License-Identifier: Apache-2.0

/// Why an inspection yields no facts.
public enum InspectionError: Error, Sendable, Hashable {
    /// The image's fault: the inspector refused it, crashed on it, ran into one of its limits, or
    /// wrote what is no inspection's result. Another attempt would end alike.
    case unreadable(String)
    /// Ours: the interpreter, a module, bubblewrap or the appliance is missing, or clamd does not
    /// answer. Nothing is said about the image.
    case unavailable(String)

    /// Whether another attempt may succeed.
    public var isTransient: Bool {
        switch self {
        case .unreadable: false
        case .unavailable: true
        }
    }
}

extension InspectionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let reason): "the image cannot be inspected: \(reason)"
        case .unavailable(let reason): "the inspector cannot be used: \(reason)"
        }
    }
}
