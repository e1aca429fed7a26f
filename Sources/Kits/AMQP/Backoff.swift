// SPDX-License-Identifier: Apache-2.0

/// Growing pauses with jitter, so that many clients do not come back in one moment.
public struct Backoff: Sendable, Hashable {
    /// The first pause's upper bound.
    public var initial: Duration
    /// No pause is longer.
    public var max: Duration

    public init(initial: Duration = .milliseconds(250), max: Duration = .seconds(30)) {
        self.initial = initial
        self.max = max
    }

    /// The pause before attempt number `attempt` (from 1): evenly distributed between half and
    /// the whole of `initial` doubled with each attempt.
    public func pause(
        beforeAttempt attempt: Int, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let doublings = min(Swift.max(attempt - 1, 0), 16)
        let whole = min(initial * (1 << doublings), max)
        return whole * Double.random(in: 0.5...1, using: &generator)
    }

    func pause(beforeAttempt attempt: Int) -> Duration {
        var generator = SystemRandomNumberGenerator()
        return pause(beforeAttempt: attempt, using: &generator)
    }
}
