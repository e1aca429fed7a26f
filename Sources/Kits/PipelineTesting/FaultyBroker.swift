// SPDX-License-Identifier: Apache-2.0
public import AMQP
public import Pipeline
import Synchronization

/// A broker that misbehaves on request, in front of one that does not.
public final class FaultyBroker: Broker {
    /// What happens to one publish.
    public enum PublishFault: Sendable, Hashable {
        /// Nothing arrives, and the sender knows.
        case unavailable
        /// Nothing arrives, and the sender does not know.
        case lost
        /// It arrives, and the sender does not know.
        case confirmLost
        /// The broker says `basic.nack`.
        case nack
        /// No queue is bound.
        case unroutable
        /// It arrives twice.
        case duplicate
        /// No permission.
        case denied
    }

    private struct Plan {
        var publishes: [PublishFault?] = []
        var settlements = 0
        var published: [Message] = []
    }

    private let broker: InMemoryBroker
    private let plan = Mutex(Plan())

    public init(_ broker: InMemoryBroker) {
        self.broker = broker
    }

    /// The faults of the publishes to come, in order; nil is none. Then all goes well.
    public func failPublishes(_ faults: [PublishFault?]) {
        plan.withLock { $0.publishes += faults }
    }

    /// The next `count` settlements do not reach the broker, which delivers again.
    public func loseSettlements(_ count: Int) {
        plan.withLock { $0.settlements += count }
    }

    /// Every message whose publishing was tried, in order.
    public var published: [Message] { plan.withLock { $0.published } }

    public func subscribe(
        to queue: String, prefetch: Int
    ) async throws(BrokerError) -> any Subscription {
        FaultySubscription(
            broker: self, subscription: try await broker.subscribe(to: queue, prefetch: prefetch))
    }

    public func publish(
        _ message: Message, to exchange: String, routingKey: String
    ) async throws(BrokerError) {
        let fault = plan.withLock { plan -> PublishFault? in
            plan.published.append(message)
            return plan.publishes.isEmpty ? nil : plan.publishes.removeFirst()
        }
        switch fault {
        case .unavailable: throw .unavailable("fault")
        case .lost: throw .outcomeUnknown("fault")
        case .nack: throw .refused("fault")
        case .unroutable: throw .unroutable(exchange: exchange, routingKey: routingKey)
        case .denied: throw .denied("fault")
        case .confirmLost, .duplicate, nil: break
        }
        try await broker.publish(message, to: exchange, routingKey: routingKey)
        if fault == .duplicate {
            try await broker.publish(message, to: exchange, routingKey: routingKey)
        }
        if fault == .confirmLost { throw .outcomeUnknown("fault") }
    }

    public func close() async { await broker.close() }

    fileprivate func settle(
        _ incoming: IncomingMessage, _ settlement: IncomingMessage.Settlement
    ) async throws(BrokerError) {
        let isLost = plan.withLock { plan in
            guard plan.settlements > 0 else { return false }
            plan.settlements -= 1
            return true
        }
        if isLost {
            try await incoming.settle(.giveBack)
            throw .unavailable("fault: the connection went before the settlement arrived")
        }
        try await incoming.settle(settlement)
    }
}

private struct FaultySubscription: Subscription {
    let broker: FaultyBroker
    let subscription: any Subscription

    func next(upTo countMax: Int) async -> [IncomingMessage] {
        await subscription.next(upTo: countMax).map { incoming in
            IncomingMessage(
                message: incoming.message, isRedelivered: incoming.isRedelivered
            ) { [broker] (settlement) async throws(BrokerError) in
                try await broker.settle(incoming, settlement)
            }
        }
    }

    func stop() async { await subscription.stop() }
}
