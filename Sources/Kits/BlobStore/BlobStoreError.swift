// SPDX-License-Identifier: Apache-2.0
public import Files
internal import Glibc

/// Why the store could not do what was asked.
public enum BlobStoreError: Error, Sendable, Hashable {
    /// A reference that is not 64 lower-case hexadecimal digits and a size. Final.
    case malformedReference
    /// A publication, key or path that cannot be a name in the store. Final.
    case invalidName(String, reason: String)
    /// No such blob. Another machine's write may not be visible here yet, or a collection is
    /// giving it back at this moment: worth trying again.
    case missing(sha256: String)
    /// The stored file has another length than the reference says. Final.
    case wrongSize(sha256: String, expected: Int, found: Int)
    /// The stored bytes have another digest than their name says. Final: `verify` quarantines
    /// it, a new publication brings it back.
    case damaged(sha256: String, found: String)
    /// The blob is larger than its reader allows. Final.
    case tooLarge(bytes: Int, bytesMax: Int)
    /// The directory is not a store of this version. Final until someone mends it.
    case notAStore(directory: String, reason: String)
    /// A file operation failed; `code` is the `errno`. Transient where it can pass by itself or
    /// an operator can help (disk full, quota, permission, input/output).
    case file(operation: String, name: String, code: Int32)

    /// True when the same call may succeed later.
    public var isTransient: Bool {
        switch self {
        case .missing: true
        case .file(_, _, let code): !Self.finalCodes.contains(code)
        case .malformedReference, .invalidName, .wrongSize, .damaged, .tooLarge, .notAStore: false
        }
    }

    /// True when this worker cannot use the store at all until an operator has mended it.
    public var isFatal: Bool {
        switch self {
        case .notAStore: true
        default: false
        }
    }

    /// True when a file was gone at the moment it was wanted.
    var isAbsence: Bool {
        switch self {
        case .missing, .file(_, _, ENOENT): true
        default: false
        }
    }

    /// What no repetition changes: a symbolic link or a directory where a file belongs, and names
    /// that are too long.
    private static let finalCodes: Set<Int32> = [ELOOP, EISDIR, ENAMETOOLONG, EINVAL, EFBIG]
}

extension BlobStoreError: FileFailure {
    public init(operation: String, path: String, code: Int32) {
        self = .file(operation: operation, name: path, code: code)
    }
}

extension BlobStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformedReference:
            "blob reference is not 64 lower-case hexadecimal digits and a size"
        case .invalidName(let name, let reason):
            "name '\(name.prefix(80))' cannot be used in the store: \(reason)"
        case .missing(let sha256): "blob \(sha256) is not in the store"
        case .wrongSize(let sha256, let expected, let found):
            "blob \(sha256) has \(found) bytes instead of \(expected)"
        case .damaged(let sha256, let found):
            "blob \(sha256) is damaged: its bytes have the SHA-256 digest \(found)"
        case .tooLarge(let bytes, let bytesMax):
            "blob of \(bytes) bytes exceeds the limit of \(bytesMax) bytes"
        case .notAStore(let directory, let reason):
            "'\(directory)' is not an artifact store: \(reason)"
        case .file(let operation, let name, let code):
            "artifact store: \(operation) of '\(name)' failed: \(Self.text(of: code))"
        }
    }

    private static func text(of code: Int32) -> String {
        unsafe String(cString: strerror(code))
    }
}
