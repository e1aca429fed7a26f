// SPDX-License-Identifier: Apache-2.0
import Events

/// Bounds of a running worker.
public struct RouterOptions: Sendable {
    /// Handlers at once, at least 1.
    public var concurrency: Int
    /// Unacknowledged events at once.
    public var prefetch: Int
    public var retry: RetryPolicy
    /// Time for one call of a handler.
    public var deadline: Duration
    /// Time for running handlers after shutdown began.
    public var grace: Duration

    /// - Parameter prefetch: twice the concurrency when nil.
    public init(
        concurrency: Int = 4, prefetch: Int? = nil, retry: RetryPolicy = RetryPolicy(),
        deadline: Duration = .seconds(720), grace: Duration = .seconds(30)
    ) {
        self.concurrency = max(concurrency, 1)
        self.prefetch = max(prefetch ?? 2 * self.concurrency, 1)
        self.retry = retry
        self.deadline = deadline
        self.grace = grace
    }

    /// - Throws: ``ConfigurationError`` when a retry delay is malformed.
    public init(_ values: SettingValues) throws(ConfigurationError) {
        var delays: [Int64] = []
        for text in values.list("retry.delays") {
            guard let milliseconds = Quantity.milliseconds(text), milliseconds > 0 else {
                throw values.problem(
                    "retry.delays",
                    "'\(text.prefix(40))' is not accepted; expected durations such as 10s,1m")
            }
            delays.append(milliseconds)
        }
        guard !delays.isEmpty else {
            throw values.problem("retry.delays", "at least one delay is required")
        }
        self.init(
            concurrency: try values.integer("concurrency"),
            prefetch: values.integer(ifSet: "prefetch"),
            retry: RetryPolicy(
                ladder: delays.map { RetryDelay(milliseconds: $0) },
                attemptMax: try values.integer("attempts")),
            deadline: try values.duration("handler.deadline"),
            grace: try values.duration("shutdown.grace"))
    }
}
