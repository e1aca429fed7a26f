// SPDX-License-Identifier: Apache-2.0
public import Dispatch

/// Runs an actor on a serial queue of its own, where its blocking calls hold up nobody.
///
/// It also keeps the promise that C libraries ask for: an object that "must not be used by two
/// threads at once" and belongs to one actor never is.
public final class QueueExecutor: SerialExecutor {
    /// Where the actor runs; its event sources call back here.
    public let queue: DispatchQueue

    /// - Parameter label: names the queue for debuggers.
    public init(label: String) { queue = DispatchQueue(label: label) }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    public func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
