// SPDX-License-Identifier: Apache-2.0
import AMQP
public import Events
public import Pipeline

/// What every ``Pipeline/Broker`` has to do, as checks to be run on each: a broker that passes is
/// fit for the runtime.
///
/// The broker must hold the topology it is given here, and nobody else may use it.
public struct BrokerContract: Sendable {
    /// A check that a broker did not pass.
    public struct Violation: Error, CustomStringConvertible {
        public let description: String
    }

    /// What the broker must hold.
    public static let topology = Topology(delays: [RetryDelay(milliseconds: 200)])

    private let broker: any Broker
    private let expireDelays: @Sendable () -> Void

    /// - Parameter expireDelays: ends the delays of a broker whose time does not pass by itself.
    public init(_ broker: any Broker, expireDelays: @escaping @Sendable () -> Void = {}) {
        self.broker = broker
        self.expireDelays = expireDelays
    }

    /// The checks by name.
    public var checks: [(name: String, run: @Sendable () async throws -> Void)] {
        [
            ("a message arrives as it was sent, once", arrives),
            ("what is given back comes again, marked and counted", givenBack),
            ("no more than the prefetch is out at once", prefetch),
            ("a batch holds what is there", batch),
            ("a delay returns the message to the queue its routing key names", delay),
            (
                "what nobody is bound for is unroutable, on an exchange with an alternate it is not",
                unroutable
            ),
            ("an exchange or queue that does not exist is denied", denied),
            ("stop gives back what was not taken, and what was taken can still be settled", stop),
            ("many publish at once", pipelined),
        ]
    }

    private func message(_ text: String) -> Message {
        var message = Message(body: Array(text.utf8))
        message.properties.contentType = Event.contentType
        message.properties.messageID = text
        message.properties.correlationID = "publication"
        message.properties.type = "type"
        message.properties.appID = "contract"
        message.properties.timestamp = 1_447_840_800
        message.properties.headers = ["x-own": .string("ü"), "x-count": .integer(7)]
        return message
    }

    private func expect(_ holds: Bool, _ what: String) throws {
        guard holds else { throw Violation(description: what) }
    }

    /// The next message, within a time in which any broker has delivered.
    private func next(
        _ subscription: any Subscription, upTo countMax: Int = 1
    ) async throws -> [IncomingMessage] {
        let batch = try await withThrowingTaskGroup(of: [IncomingMessage].self) { group in
            group.addTask { await subscription.next(upTo: countMax) }
            group.addTask {
                try await Task.sleep(for: .seconds(20))
                await subscription.stop()
                throw Violation(description: "no delivery within 20 s")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
        try expect(!batch.isEmpty, "the subscription ended")
        return batch
    }

    private let queue = Stage.verifier.queue
    private let key = EventType.imageFetched.routingKey

    private func arrives() async throws {
        let sent = message("arrives")
        try await broker.publish(sent, to: Topology.events, routingKey: key)
        let subscription = try await broker.subscribe(to: queue, prefetch: 1)
        let incoming = try await next(subscription)[0]
        try expect(incoming.message.body == sent.body, "body")
        try expect(!incoming.isRedelivered, "not redelivered")
        let (properties, expected) = (incoming.message.properties, sent.properties)
        try expect(properties.messageID == expected.messageID, "message-id")
        try expect(properties.correlationID == expected.correlationID, "correlation-id")
        try expect(properties.type == expected.type, "type")
        try expect(properties.appID == expected.appID, "app-id")
        try expect(properties.contentType == expected.contentType, "content-type")
        try expect(properties.timestamp == expected.timestamp, "timestamp")
        try expect(properties.deliveryMode == .persistent, "delivery-mode")
        try expect(properties.headers == expected.headers, "headers \(properties.headers)")
        try await incoming.settle(.acknowledge)
        await subscription.stop()
    }

    private func givenBack() async throws {
        try await broker.publish(message("back"), to: "", routingKey: queue)
        let subscription = try await broker.subscribe(to: queue, prefetch: 1)
        try await next(subscription)[0].settle(.giveBack)
        let again = try await next(subscription)[0]
        try expect(again.message.properties.messageID == "back", "the same message")
        try expect(again.isRedelivered, "marked as redelivered")
        let count = again.message.properties.headers["x-delivery-count"]?.integer
        try expect(count == 1, "counted")
        try await again.settle(.acknowledge)
        await subscription.stop()
    }

    private func prefetch() async throws {
        for number in 0..<3 {
            try await broker.publish(message("prefetch\(number)"), to: "", routingKey: queue)
        }
        let subscription = try await broker.subscribe(to: queue, prefetch: 2)
        var out = try await next(subscription, upTo: 10)
        while out.count < 2 { out += try await next(subscription, upTo: 10) }
        try expect(out.count == 2, "two of three")
        try await out[0].settle(.acknowledge)
        let third = try await next(subscription, upTo: 10)
        try expect(third.count == 1, "the third follows the first settlement")
        try await out[1].settle(.acknowledge)
        try await third[0].settle(.acknowledge)
        await subscription.stop()
    }

    private func batch() async throws {
        for number in 0..<5 {
            try await broker.publish(message("batch\(number)"), to: "", routingKey: queue)
        }
        let subscription = try await broker.subscribe(to: queue, prefetch: 10)
        var ids: [String?] = []
        while ids.count < 5 {
            let batch = try await next(subscription, upTo: 3)
            try expect(batch.count <= 3, "no more than asked for")
            for incoming in batch {
                ids.append(incoming.message.properties.messageID)
                try await incoming.settle(.acknowledge)
            }
        }
        try expect(ids == (0..<5).map { "batch\($0)" }, "in order")
        await subscription.stop()
    }

    private func delay() async throws {
        let rung = RetryDelay(milliseconds: 200)
        try await broker.publish(message("late"), to: rung.name, routingKey: queue)
        let subscription = try await broker.subscribe(to: queue, prefetch: 1)
        expireDelays()
        let incoming = try await next(subscription)[0]
        try expect(incoming.message.properties.messageID == "late", "the delayed message")
        try expect(incoming.message.properties.headers["x-own"] == .string("ü"), "own header")
        try await incoming.settle(.acknowledge)
        await subscription.stop()
    }

    private func unroutable() async throws {
        do {
            try await broker.publish(message("lost"), to: Topology.sites, routingKey: "nowhere")
            throw Violation(description: "nobody is bound, yet it was taken")
        } catch let error as BrokerError {
            try expect(
                error == .unroutable(exchange: Topology.sites, routingKey: "nowhere"), "\(error)")
        }
        try await broker.publish(message("alternate"), to: Topology.events, routingKey: "no.one")
        let subscription = try await broker.subscribe(to: Topology.unrouted, prefetch: 1)
        try await next(subscription)[0].settle(.acknowledge)
        await subscription.stop()
    }

    private func denied() async throws {
        do {
            try await broker.publish(message("x"), to: "no.such.exchange", routingKey: "x")
            throw Violation(description: "an unknown exchange took a message")
        } catch let error as BrokerError {
            guard case .denied = error else { throw error }
        }
        do {
            _ = try await broker.subscribe(to: "no.such.queue", prefetch: 1)
            throw Violation(description: "an unknown queue was consumed")
        } catch let error as BrokerError {
            guard case .denied = error else { throw error }
        }
        // The refusals do no harm to what follows.
        try await arrives()
    }

    private func stop() async throws {
        for number in 0..<4 {
            try await broker.publish(message("stop\(number)"), to: "", routingKey: queue)
        }
        let subscription = try await broker.subscribe(to: queue, prefetch: 3)
        let taken = try await next(subscription)[0]
        await subscription.stop()
        try expect(await subscription.next(upTo: 1).isEmpty, "ended")
        try await taken.settle(.acknowledge)
        let other = try await broker.subscribe(to: queue, prefetch: 10)
        var ids: Set<String> = []
        while ids.count < 3 {
            for incoming in try await next(other, upTo: 10) {
                ids.insert(incoming.message.properties.messageID ?? "")
                try await incoming.settle(.acknowledge)
            }
        }
        try expect(ids == ["stop1", "stop2", "stop3"], "the rest is there: \(ids)")
        await other.stop()
    }

    private func pipelined() async throws {
        let count = 500
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await broker.publish(
                        message("many\(number)"), to: Topology.events, routingKey: key)
                }
            }
            try await group.waitForAll()
        }
        let subscription = try await broker.subscribe(to: queue, prefetch: 64)
        var ids: Set<String> = []
        while ids.count < count {
            for incoming in try await next(subscription, upTo: 64) {
                ids.insert(incoming.message.properties.messageID ?? "")
                try await incoming.settle(.acknowledge)
            }
        }
        await subscription.stop()
    }
}
