// SPDX-License-Identifier: Apache-2.0
import AMQP
import Foundation
import TestSupport
import Testing

/// A node that is stopped, killed and throttled; one fault at a time.
@Suite(.serialized) struct FaultTests {
    private static let node = Task {
        var options = PrivateBroker.Options()
        options.vhosts = 10
        return try await PrivateBroker(options)
    }

    private func fixture(heartbeat: Duration = .seconds(10)) async throws -> BrokerFixture {
        try await BrokerFixture(on: try await Self.node.value, heartbeat: heartbeat)
    }

    @Test(.timeLimit(.minutes(2))) func forcedCloseIsHealedAndNothingConfirmedIsLost()
        async throws
    {
        let fixture = try await fixture()
        let queue = try await fixture.queue("q")
        let (publisherStates, consumerStates) = (States(), States())
        let publisher = fixture.publisher(states: publisherStates)
        let consumer = fixture.consumer(of: queue, states: consumerStates)
        try await publisher.connect()
        try await consumer.start()
        async let published = publishSteadily(400, to: queue, publisher)
        try await fixture.broker.control("close_all_connections", "--global", "test")
        let confirmed = await published
        #expect(confirmed.count == 400)
        let seen = try await fixture.collect(confirmed, from: consumer)
        #expect(confirmed.isSubset(of: seen.keys))
        for states in [publisherStates, consumerStates] {
            #expect(
                states.contains {
                    if case .disconnected(.connectionClosed(let exception)) = $0 {
                        exception.replyCode == BrokerException.connectionForced
                    } else {
                        false
                    }
                })
        }
        await consumer.close()
        await publisher.close()
    }

    @Test(.timeLimit(.minutes(3))) func killedNodeComesBackAndNothingConfirmedIsLost()
        async throws
    {
        let fixture = try await fixture()
        let queue = try await fixture.queue("q")
        // A node killed within moments of declaring a queue forgets half of it and never elects a
        // leader: this test is about messages, so the declaration is made to last first.
        try await fixture.broker.control(
            "eval", "mnesia:sync_log(), [dets:sync(Table) || Table <- dets:all()].")
        let publisher = fixture.publisher { $0.confirmTimeout = .seconds(100) }
        let consumer = fixture.consumer(of: queue)
        try await publisher.connect()
        try await consumer.start()
        async let published = publishSteadily(500, to: queue, publisher)
        async let collected = fixture.collect(Set((0..<500).map { "\($0)" }), from: consumer)
        try await fixture.broker.crash()
        #expect(!fixture.broker.isRunning)
        try await fixture.broker.start()
        let confirmed = await published
        #expect(confirmed.count == 500)
        let seen = try await collected
        #expect(confirmed.isSubset(of: seen.keys))
        #expect(publisher.state == .ready && consumer.state == .ready)
        await consumer.close()
        await publisher.close()
    }

    @Test(.timeLimit(.minutes(2))) func memoryAlarmBlocksThePublisherAlone() async throws {
        let fixture = try await fixture()
        let queue = try await fixture.queue("q")
        let publisher = fixture.publisher()
        for number in 0..<5 {
            try await publisher.publish(Message("\(number)"), exchange: "", routingKey: queue)
        }
        try await fixture.broker.control("set_vm_memory_high_watermark", "0.00001")
        let sent = await amqpError { () async throws(AMQPError) in
            try await publisher.publish(
                Message("sent"), exchange: "", routingKey: queue, timeout: .milliseconds(500))
        }
        #expect(sent == .confirmTimedOut && sent?.isOutcomeUnknown == true)
        try await eventually {
            if case .blocked(let reason) = publisher.state {
                reason.contains("memory")
            } else {
                false
            }
        }
        let held = await amqpError { () async throws(AMQPError) in
            try await publisher.publish(
                Message("held"), exchange: "", routingKey: queue, timeout: .milliseconds(300))
        }
        guard case .unavailable(let reason) = held else {
            Issue.record("not held back: \(String(describing: held))")
            return
        }
        #expect(reason.contains("blocked"))
        let consumer = fixture.consumer(of: queue)
        let seen = try await fixture.collect(Set((0..<5).map { "\($0)" }), from: consumer)
        #expect(seen.count == 5)
        async let waiting: Void = publisher.publish(
            Message("patient"), exchange: "", routingKey: queue, timeout: .seconds(60))
        try await fixture.broker.control("set_vm_memory_high_watermark", "0.4")
        try await waiting
        let later = try await fixture.collect(["patient"], from: consumer)
        #expect(later["held"] == nil)
        #expect(publisher.state == .ready)
        await consumer.close()
        await publisher.close()
    }

    @Test(.timeLimit(.minutes(2))) func stoppedNodeDoesNotHoldAPublishForEver() async throws {
        let fixture = try await fixture(heartbeat: .seconds(2))
        let queue = try await fixture.queue("q")
        let states = States()
        let publisher = fixture.publisher(states: states)
        try await publisher.publish(Message("before"), exchange: "", routingKey: queue)
        fixture.broker.suspend()
        // More than all socket buffers hold.
        let body = [UInt8](repeating: 0, count: 1_000_000)
        let batch = (0..<30).map { number in
            Publication(Message(body: body), exchange: "", routingKey: queue)
        }
        let start = ContinuousClock.now
        let outcomes = await publisher.publish(batch, timeout: .seconds(3))
        #expect(outcomes.allSatisfy { $0?.isTransient == true })
        #expect(ContinuousClock.now - start < .seconds(30))
        try await eventually(timeout: .seconds(20)) {
            states.contains { if case .disconnected = $0 { true } else { false } }
        }
        fixture.broker.resume()
        try await publisher.publish(
            Message("after"), exchange: "", routingKey: queue, timeout: .seconds(40))
        await publisher.close()
    }

    /// The messages that were confirmed, by their text; published by a few tasks over a second.
    private func publishSteadily(
        _ count: Int, to queue: String, _ publisher: Publisher
    ) async -> Set<String> {
        await withTaskGroup(of: String?.self) { group in
            for number in 0..<count {
                group.addTask {
                    try? await Task.sleep(for: .milliseconds(3 * number))
                    let message = Message("\(number)")
                    let error = await amqpError { () async throws(AMQPError) in
                        try await publisher.publish(message, exchange: "", routingKey: queue)
                    }
                    return error == nil ? "\(number)" : nil
                }
            }
            return await group.reduce(into: []) { if let text = $1 { $0.insert(text) } }
        }
    }
}
