// SPDX-License-Identifier: Apache-2.0
public import Files

/// Why a program gave no result.
public enum ProgramsError: Error, Sendable, Hashable {
    /// There is no such program, or not in `PATH`; of a sandbox: not inside.
    case missing(String)
    /// It did not end within its time; it and its children were killed.
    case timedOut(String, max: Duration)
    /// It wrote more on standard output or standard error than was allowed, and was killed.
    case outputExceeded(String, bytesMax: Int)
    /// It could not be started or watched.
    case notRun(String, reason: String)
    /// Programs cannot be confined on this machine, and unconfined they are not run. A person has
    /// to install or to allow something: the reason says what.
    case sandboxUnavailable(reason: String)
    /// A call that prepares it failed with this `errno`.
    case system(operation: String, path: String, code: Int32)

    /// Whether a person has to act before another attempt can do better.
    public var needsPerson: Bool {
        switch self {
        case .missing, .sandboxUnavailable: true
        case .timedOut, .outputExceeded, .notRun, .system: false
        }
    }
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
        case .outputExceeded(let name, let max): "\(name) wrote more than \(max) bytes"
        case .notRun(let name, let reason): "\(name) failed: \(reason)"
        case .sandboxUnavailable(let reason): "programs cannot be confined here: \(reason)"
        case .system(let operation, let path, let code):
            "\(operation) of '\(path)' failed with errno \(code)"
        }
    }
}
