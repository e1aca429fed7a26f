// SPDX-License-Identifier: Apache-2.0
public import AMQP

/// What the runtime needs of a message broker.
///
/// Messages are kept until they are acknowledged: whatever happens to a consumer, an
/// unacknowledged message is delivered again. Publishing is at least once: it returns when the
/// broker has taken responsibility (publisher confirm) and a queue has the message (mandatory).
/// All calls are safe from any task and may run at once; concurrent publishes are pipelined. A
/// broker reconnects by itself; while it is away, ``publish(_:to:routingKey:)`` throws
/// ``BrokerError/unavailable(_:)`` or ``BrokerError/outcomeUnknown(_:)`` and a subscription waits.
public protocol Broker: Sendable {
    /// Starts consuming `queue`, with at most `prefetch` messages out at once.
    func subscribe(
        to queue: String, prefetch: Int
    ) async throws(BrokerError) -> any Subscription

    /// Publishes mandatory and confirmed.
    func publish(
        _ message: Message, to exchange: String, routingKey: String
    ) async throws(BrokerError)

    /// Ends all connections; unacknowledged messages go back to their queues.
    func close() async
}

/// A running consumer.
public protocol Subscription: Sendable {
    /// Waits for a message and returns it with those that are there already, at most `countMax`;
    /// empty when consuming was stopped. One task at a time.
    func next(upTo countMax: Int) async -> [IncomingMessage]

    /// Stops consuming; what was delivered and not returned goes back to the queue. Messages
    /// already returned can still be settled.
    func stop() async
}

/// A delivered message, to be settled exactly once.
public struct IncomingMessage: Sendable {
    public let message: Message
    /// True when it may have been delivered before.
    public let isRedelivered: Bool
    private let settling: @Sendable (Settlement) async throws(BrokerError) -> Void

    public enum Settlement: Sendable, Hashable {
        /// Done: the broker forgets it.
        case acknowledge
        /// Not done: the broker delivers it again, to anyone.
        case giveBack
    }

    public init(
        message: Message, isRedelivered: Bool,
        settle: @escaping @Sendable (Settlement) async throws(BrokerError) -> Void
    ) {
        self.message = message
        self.isRedelivered = isRedelivered
        settling = settle
    }

    /// - Throws: when the connection that delivered it is gone; the broker then delivers it again.
    public func settle(_ settlement: Settlement) async throws(BrokerError) {
        try await settling(settlement)
    }
}
