// SPDX-License-Identifier: Apache-2.0
public import AMQP
public import Events
public import Pipeline
import Synchronization

/// A broker in this process, with the behaviour the runtime relies on: topic routing, alternate
/// exchanges, prefetch, redelivery with a count, delay queues that send back on demand.
///
/// Time does not pass by itself: ``expireDelays()`` is the end of every delay.
public final class InMemoryBroker: Broker {
    private let state: Mutex<BrokerState>

    public init(topology: Topology = Topology()) {
        state = Mutex(BrokerState(topology))
    }

    public func subscribe(
        to queue: String, prefetch: Int
    ) async throws(BrokerError) -> any Subscription {
        let id = state.withLock { $0.addConsumer(queue: queue, prefetch: prefetch) }
        guard let id else { throw .denied("no queue '\(queue)'") }
        return InMemorySubscription(broker: self, consumer: id)
    }

    public func publish(
        _ message: Message, to exchange: String, routingKey: String
    ) async throws(BrokerError) {
        try change { state throws(BrokerError) in
            try state.publish(message, exchange, routingKey)
        }
    }

    public func close() async {
        change { $0.close() }
    }

    /// Messages of a queue that are ready, oldest first.
    public func messages(in queue: String) -> [Message] {
        state.withLock { $0.queues[queue]?.ready.map(\.message) ?? [] }
    }

    /// How many messages of a queue are delivered and not settled.
    public func unsettled(in queue: String) -> Int {
        state.withLock { state in
            state.deliveries.values.count { $0.queue == queue }
        }
    }

    /// How many consumers a queue has.
    public func consumers(of queue: String) -> Int {
        state.withLock { state in state.consumers.values.count { $0.queue == queue } }
    }

    /// The events that a queue holds, for checking what was emitted.
    public func events(in queue: String) throws -> [Event] {
        try messages(in: queue).map { try Event(decoding: $0.body) }
    }

    /// Publishes an event as a worker would.
    public func publish(_ event: Event) async throws {
        try await publish(
            try Message(event, appID: "test"), to: Topology.events,
            routingKey: event.type.routingKey)
    }

    /// Binds a fresh queue to the events of a kind, to see what travels.
    public func tap(_ pattern: String) -> String { tap(Topology.events, pattern) }

    /// Binds a fresh queue, to see what travels.
    public func tap(_ exchange: String, _ pattern: String) -> String {
        state.withLock { state in
            let name = "tap.\(state.queues.count)"
            state.queues[name] = BrokerState.Queue()
            state.bindings.append(
                Topology.Binding(exchange: exchange, queue: name, routingKey: pattern))
            return name
        }
    }

    /// Ends all delays: what waits goes back to the queue its routing key names.
    public func expireDelays() {
        change { $0.expireDelays() }
    }

    /// As when every connection breaks: unsettled messages return to their queues, counted as
    /// redelivered, and consumers subscribe again by themselves.
    public func dropConnections() {
        change { $0.dropConnections() }
    }

    /// Changes the state and hands out what can be delivered now.
    private func change<Failure: Error>(
        _ body: (inout BrokerState) throws(Failure) -> Void
    ) throws(Failure) {
        let result = state.withLock { state -> (Result<Void, Failure>, [() -> Void]) in
            do throws(Failure) {
                try body(&state)
                return (.success(()), state.wakeUps(self))
            } catch {
                return (.failure(error), state.wakeUps(self))
            }
        }
        for wakeUp in result.1 { wakeUp() }
        try result.0.get()
    }

    func next(_ consumer: Int, upTo countMax: Int) async -> [IncomingMessage] {
        await withCheckedContinuation { continuation in
            change { $0.wait(consumer, BrokerState.Waiter(countMax, continuation)) }
        }
    }

    func stop(_ consumer: Int) {
        change { $0.stop(consumer) }
    }

    func settle(
        _ delivery: Int, _ settlement: IncomingMessage.Settlement
    ) throws(BrokerError) {
        try change { state throws(BrokerError) in try state.settle(delivery, settlement) }
    }
}

struct InMemorySubscription: Subscription {
    let broker: InMemoryBroker
    let consumer: Int

    func next(upTo countMax: Int) async -> [IncomingMessage] {
        await broker.next(consumer, upTo: countMax)
    }

    func stop() async { broker.stop(consumer) }
}
