// SPDX-License-Identifier: Apache-2.0
internal import Dispatch

/// Runs an actor on a serial queue of its own, where blocking calls of the C library harm nobody.
///
/// librabbitmq: "an amqp_connection_state_t must not be used by two threads at once"; with one
/// queue per connection it never is.
final class QueueExecutor: SerialExecutor {
    let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
