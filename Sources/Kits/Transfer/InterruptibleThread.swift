// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Threads

/// Runs blocking transfers on threads of their own, in a way that they can be stopped.
enum InterruptibleThread {
    /// Runs `work` and returns what it made. Cancelling the task sets the interrupt, which the work
    /// looks at several times a second.
    static func run<Value: Sendable>(
        label: String = #fileID,
        _ work: @escaping @Sendable (Interrupt) throws(TransferError) -> Value
    ) async throws(TransferError) -> Value {
        let interrupt = Interrupt()
        // A cancellation handler throws without a type.
        let result: Result<Value, TransferError> = await withTaskCancellationHandler {
            do throws(TransferError) {
                let value = try await OwnThread.run(label: label) {
                    () throws(TransferError) -> Value in try work(interrupt)
                }
                return .success(value)
            } catch {
                return .failure(error)
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
