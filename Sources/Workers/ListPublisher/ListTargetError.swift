// SPDX-License-Identifier: Apache-2.0
import Files
public import ImageLists
public import Pipeline

/// Why a list could not be read or committed.
enum ListTargetError: Error, Sendable, Hashable {
    /// `svn` or `git` is not installed.
    case programMissing(String)
    /// A program did not end within its time; it and its children were killed.
    case timedOut(program: String, operation: String, max: Duration)
    /// A program failed; `text` is what it said, cleaned and cut.
    case program(String, operation: String, status: Int, text: String)
    /// The place, or the right to use it, is not there: a wrong URL or password.
    case unusable(String)
    /// A file operation failed with this `errno`.
    case file(operation: String, path: String, code: Int32)
    /// Another process works in this directory or on this list.
    case inUse(path: String)
    /// A file of the list is no regular file, or too large.
    case wrongFile(path: String, reason: String)
    /// A hook could not decide and says so: the marketplace does not answer, for instance.
    case hookUndecided(text: String)
    /// Other committers were faster each time.
    case contended(attempts: Int)
}

extension ListTargetError: Disposed {
    /// No publication is ever at fault: trouble passes, or a person has to mend the set-up.
    var disposition: Disposition {
        switch self {
        case .programMissing, .unusable, .wrongFile: .fatal
        case .timedOut, .program, .file, .inUse, .hookUndecided, .contended: .transient
        }
    }
}

extension ListTargetError: FileFailure {
    init(operation: String, path: String, code: Int32) {
        self = .file(operation: operation, path: path, code: code)
    }
}

extension ListTargetError: CustomStringConvertible {
    var description: String {
        switch self {
        case .programMissing(let name): "the program '\(name)' is not installed or not in PATH"
        case .timedOut(let program, let operation, let max):
            "\(program) \(operation) did not end within \(max)"
        case .program(let program, let operation, let status, let text):
            "\(program) \(operation) failed (status \(status)): \(text)"
        case .unusable(let reason): reason
        case .file(let operation, let path, let code):
            "\(operation) of '\(path)' failed with errno \(code)"
        case .inUse(let path): "'\(path)' is in use by another process"
        case .wrongFile(let path, let reason): "'\(path)': \(reason)"
        case .hookUndecided(let text): "the repository's hook could not decide: \(text)"
        case .contended(let attempts):
            "other committers were faster, \(attempts) times in a row"
        }
    }
}

extension ImageListsError: Disposed {
    public var disposition: Disposition { .fatal }
}
