// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What is going on, and for how long, in a line of standard error that redraws itself; nothing
/// when that is no terminal.
enum ActivityLine {
    private static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Shows `text` while `work` is done.
    static func showing<Value: Sendable>(
        _ text: String, _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        guard isInteractive else { return try await work() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                let start = ContinuousClock.now
                // Ends by being cancelled.
                while !Task.isCancelled {
                    let seconds = (ContinuousClock.now - start).components.seconds
                    Terminal.write("\r\u{1B}[K\(text) (\(seconds) s)", to: STDERR_FILENO)
                    try? await Task.sleep(for: .seconds(1))
                }
                Terminal.write("\r\u{1B}[K", to: STDERR_FILENO)
                return nil
            }
            let value = try await work()
            group.cancelAll()
            return value
        }
    }
}
