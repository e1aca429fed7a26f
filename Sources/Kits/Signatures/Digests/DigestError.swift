// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Why digests could not be computed.
public enum DigestError: Error, Sendable, Hashable {
    /// A checkpoint is truncated, changed or of another version: start from the first byte again.
    case invalidCheckpoint(reason: String)
    /// Reading the file failed; `code` is the `errno`.
    case unreadable(code: Int32)

    /// True when the same call may succeed later.
    public var isTransient: Bool {
        switch self {
        case .invalidCheckpoint: false
        case .unreadable: true
        }
    }
}

extension DigestError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidCheckpoint(let reason): "digest checkpoint refused: \(reason)"
        case .unreadable(let code): "file not readable: \(String(cString: strerror(code)))"
        }
    }
}
