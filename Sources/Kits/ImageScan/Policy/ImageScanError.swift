// SPDX-License-Identifier: Apache-2.0

/// Why a security policy, or a file that it needs, cannot be used. All are the operator's to mend:
/// no retry cures them, and no image is at fault.
public enum ImageScanError: Error, Sendable, Hashable {
    /// A setting names a check that there is not.
    case unknownCheck(String, suggestion: String?)
    /// A setting that changes severities is not `CHECK=SEVERITY`, or names none.
    case unknownSeverity(String)
    /// A check that always has to be judged would be left out or changed.
    case mandatoryCheck(String)
    /// A file or directory cannot be read, or is larger than it may be.
    case unreadable(path: String, reason: String)
    /// A file is not what its format demands.
    case malformed(path: String, reason: String)
    /// A program that is to be a check does not describe itself as one.
    case customCheck(path: String, reason: String)
}

extension ImageScanError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownCheck(let name, let suggestion):
            "there is no check '\(name)'" + (suggestion.map { "; is it '\($0)'?" } ?? "")
        case .unknownSeverity(let text):
            "'\(text)' is not CHECK=SEVERITY with low, medium, high or critical"
        case .mandatoryCheck(let name): "the check '\(name)' cannot be left out or changed"
        case .unreadable(let path, let reason): "cannot read '\(path)': \(reason)"
        case .malformed(let path, let reason): "'\(path)' is malformed: \(reason)"
        case .customCheck(let path, let reason): "'\(path)' is no check: \(reason)"
        }
    }
}
