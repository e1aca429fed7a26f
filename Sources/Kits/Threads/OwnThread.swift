// SPDX-License-Identifier: Apache-2.0
internal import Dispatch

/// Runs blocking work away from Swift's cooperative threads.
public enum OwnThread {
    /// Runs `work` on a serial queue of its own, which gets a thread beyond the shared pool however
    /// many others wait for a disk. Cancelling the task does not interrupt it.
    ///
    /// - Parameter label: names the queue for debuggers; the caller's file unless given.
    /// - Throws: what `work` throws.
    public static func run<Value: Sendable, Failure: Error>(
        label: String = #fileID, _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            DispatchQueue(label: label).async {
                continuation.resume(returning: Result(catching: work))
            }
        }
        return try result.get()
    }
}
