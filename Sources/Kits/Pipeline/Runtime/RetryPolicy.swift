// SPDX-License-Identifier: Apache-2.0
public import Events

/// When a failed event is tried again, and when it is given up.
public struct RetryPolicy: Sendable, Hashable {
    /// The delays there are in the topology, shortest first; at least one.
    public let ladder: [RetryDelay]
    /// Attempts in all, the first included; at least 1.
    public let attemptMax: Int

    /// - Parameter ladder: an empty one stands for ``Events/RetryDelay/standard``.
    public init(ladder: [RetryDelay] = RetryDelay.standard, attemptMax: Int = 8) {
        let sorted = ladder.sorted { $0.milliseconds < $1.milliseconds }
        self.ladder = sorted.isEmpty ? RetryDelay.standard : sorted
        self.attemptMax = max(attemptMax, 1)
    }

    /// What follows the failure of attempt `attempt` (from 1): a delay, or nil to give up.
    ///
    /// - Parameter wish: how long the handler would wait; the nearest delay is taken.
    public func delay(afterAttempt attempt: Int, wish: Duration? = nil) -> RetryDelay? {
        guard attempt < attemptMax else { return nil }
        if let wish { return nearest(to: wish) }
        return ladder[min(max(attempt, 1), ladder.count) - 1]
    }

    /// The longest an event waits after it met a worker that stopped for good: whoever has mended
    /// the worker wants to see it work.
    static let stopDelayMax = Duration.seconds(600)

    /// The delay after the `stop`th worker (from 1) stopped over an event.
    func delay(afterStop stop: Int) -> RetryDelay {
        let rungs = ladder.filter { $0.duration <= Self.stopDelayMax }
        return rungs.isEmpty ? ladder[0] : rungs[min(max(stop, 1), rungs.count) - 1]
    }

    /// The delay nearest to `wish` by ratio, so that 20 s is 10 s rather than 1 m.
    public func nearest(to wish: Duration) -> RetryDelay {
        let wished = max(Self.milliseconds(wish), 1)
        func ratio(_ delay: RetryDelay) -> Double {
            let quotient = Double(delay.milliseconds) / Double(wished)
            return max(quotient, 1 / quotient)
        }
        return ladder.dropFirst().reduce(ladder[0]) { ratio($1) < ratio($0) ? $1 : $0 }
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : product + attoseconds / 1_000_000_000_000_000
    }
}
