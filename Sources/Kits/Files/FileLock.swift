// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// An exclusive lock on a file (flock(2)), held until the last reference goes or the process ends,
/// however it ends.
public final class FileLock<Failure: FileFailure>: Sendable {
    private let descriptor: Int32
    private let path: String
    private let isTemporary: Bool

    /// Tries to lock a file that others remove meanwhile.
    private static var attemptMax: Int { 16 }

    /// Takes the lock without waiting; nil when another process or task has it.
    ///
    /// - Parameter isTemporary: the file is removed when the lock is given back. All who lock it
    ///   have to agree on that.
    public init?(_ path: String, isTemporary: Bool = false) throws(Failure) {
        for _ in 0..<Self.attemptMax {
            let descriptor = try LocalFile<Failure>.open(path, O_RDWR | O_CREAT, mode: 0o644)
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(descriptor)
                if code == EWOULDBLOCK { return nil }
                throw Failure(operation: "locking", path: path, code: code)
            }
            // The file may have been removed by its last owner between open and flock.
            if Self.isSame(descriptor, path) {
                self.descriptor = descriptor
                self.path = path
                self.isTemporary = isTemporary
                return
            }
            close(descriptor)
        }
        return nil
    }

    deinit {
        if isTemporary { _ = unsafe unlink(path) }
        close(descriptor)
    }

    private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
        var held = stat()
        var named = stat()
        guard unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &named) == 0 else {
            return false
        }
        return held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }
}
