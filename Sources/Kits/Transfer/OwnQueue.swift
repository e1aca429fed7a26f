// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Runs blocking work away from Swift's cooperative threads.
enum OwnQueue {
    /// Runs `work` on a serial queue of its own and returns what it made. Cancelling the task sets
    /// the interrupt, which the work looks at several times a second.
    static func run<Value: Sendable>(
        label: String,
        _ work: @escaping @Sendable (Interrupt) throws(TransferError) -> Value
    ) async throws(TransferError) -> Value {
        let interrupt = Interrupt()
        let queue = DispatchQueue(label: label)
        let result: Result<Value, TransferError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    continuation.resume(
                        returning: Result { () throws(TransferError) -> Value in
                            try work(interrupt)
                        })
                }
            }
        } onCancel: {
            interrupt.set()
        }
        return try result.get()
    }
}

/// A request to stop, from any thread.
final class Interrupt: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
