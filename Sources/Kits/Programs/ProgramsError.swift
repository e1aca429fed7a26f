// SPDX-License-Identifier: Apache-2.0
public import Files

/// Why a program gave no result.
public enum ProgramsError: Error, Sendable, Hashable {
    /// There is no such program, or not in `PATH`.
    case missing(String)
    /// It did not end within its time; it and its children were killed.
    case timedOut(String, max: Duration)
    /// It wrote more than was allowed, or could not be started or watched.
    case notRun(String, reason: String)
    /// A call that prepares it failed with this `errno`.
    case system(operation: String, path: String, code: Int32)
}

extension ProgramsError: FileFailure {
    public init(operation: String, path: String, code: Int32) {
        self = .system(operation: operation, path: path, code: code)
    }
}

extension ProgramsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let name): "the program '\(name)' is not installed or not in PATH"
        case .timedOut(let name, let max): "\(name) did not end within \(max)"
        case .notRun(let name, let reason): "\(name) failed: \(reason)"
        case .system(let operation, let path, let code):
            "\(operation) of '\(path)' failed with errno \(code)"
        }
    }
}
