// SPDX-License-Identifier: Apache-2.0

/// Lets one task pass at a time, in the order they come: a working copy serves one commit at a
/// time, however many batches the runtime hands out.
actor Turnstile {
    private var last: Task<Void, Never>?

    func pass<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let previous = last
        let task = Task {
            await previous?.value
            return try await body()
        }
        last = Task { _ = await task.result }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
