// SPDX-License-Identifier: Apache-2.0

/// Bounds how long something may take.
enum Deadline {
    /// Runs `work`, cancelling it after `limit`; for ever when there is none.
    ///
    /// - Returns: what the work returned; nil when it was cancelled.
    @discardableResult
    static func run<Result: Sendable>(
        _ limit: Duration?, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        guard let limit else { return try await work() }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
