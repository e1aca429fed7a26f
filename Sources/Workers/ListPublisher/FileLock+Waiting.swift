// SPDX-License-Identifier: Apache-2.0
import Files

typealias FileLock = Files.FileLock<ListTargetError>

extension FileLock {
    /// Pause between two tries.
    private static var pause: Duration { .milliseconds(20) }

    /// Takes the lock, waiting for it up to `timeMax`.
    static func wait(_ path: String, timeMax: Duration) async throws(ListTargetError) -> FileLock {
        let end = ContinuousClock.now + timeMax
        while true {
            if let lock = try FileLock(path) { return lock }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw .inUse(path: path)
            }
            guard ContinuousClock.now < end else { throw .inUse(path: path) }
        }
    }
}
