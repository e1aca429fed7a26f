// SPDX-License-Identifier: Apache-2.0
import Glibc

/// An exclusive lock on a file (flock(2)), held until the last reference goes or the process
/// ends, however it ends.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock without waiting; nil when another process has it.
    init?(path: String) throws(ListTargetError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .file(operation: "locking", path: path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw .file(operation: "locking", path: path, code: code)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Takes the lock, waiting for it up to `timeMax`.
    static func wait(path: String, timeMax: Duration) async throws(ListTargetError) -> FileLock {
        let end = ContinuousClock.now + timeMax
        while true {
            if let lock = try FileLock(path: path) { return lock }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                throw .inUse(path: path)
            }
            guard ContinuousClock.now < end else { throw .inUse(path: path) }
        }
    }
}
