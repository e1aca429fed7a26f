// SPDX-License-Identifier: Apache-2.0
import Glibc

/// An advisory lock that ends with its owner, even one that was killed (flock(2)).
public final class FileLock: Sendable {
    private let descriptor: Int32
    private let path: String

    private static let attemptsMax = 16

    /// Takes the lock `path`; nil when another process or task holds it. The file is removed when
    /// the lock is given back.
    ///
    /// - Throws: ``TransferError/file(operation:errno:)``.
    public init?(_ path: String) throws(TransferError) {
        for _ in 0..<Self.attemptsMax {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw .file(operation: "open lock", errno: errno) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(descriptor)
                if code == EWOULDBLOCK { return nil }
                throw .file(operation: "flock", errno: code)
            }
            // The file may have been removed by its last owner between open and flock.
            if Self.isSame(descriptor, path) {
                self.descriptor = descriptor
                self.path = path
                return
            }
            close(descriptor)
        }
        return nil
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
        var held = stat()
        var named = stat()
        return fstat(descriptor, &held) == 0 && stat(path, &named) == 0
            && held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }
}
