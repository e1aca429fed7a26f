// SPDX-License-Identifier: Apache-2.0
import AMQP
import Foundation
import TestSupport
import Testing

/// What happens to a subscription while it lasts.
@Suite struct SubscriptionTests {
    @Test(.timeLimit(.minutes(1))) func deletedQueueIsNoticedAndSubscribedToWhenItIsBack()
        async throws
    {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let states = States()
        let consumer = fixture.consumer(of: queue, states: states)
        try await consumer.start()
        try await fixture.administration.deleteQueue(queue)
        try await eventually("the cancellation") {
            states.contains { $0 == .notConsuming(.consumerCancelled) }
        }
        try await eventually("an attempt without the queue") {
            states.contains {
                if case .notConsuming(let error) = $0 { error.replyCode == 404 } else { false }
            }
        }
        try await fixture.queue(queue)
        try await fixture.publisher().publish(Message("new"), exchange: "", routingKey: queue)
        var deliveries = consumer.deliveries.makeAsyncIterator()
        let delivery = try #require(await deliveries.next())
        #expect(delivery.text == "new")
        try delivery.ack()
        #expect(consumer.state == .ready)
        await consumer.close()
        #expect(try await fixture.messages(in: queue) == 0)
    }

    @Test(.timeLimit(.minutes(1))) func heartbeatsGoOnWhileAHandlerBlocks() async throws {
        let fixture = try await BrokerFixture(heartbeat: .seconds(1))
        let queue = try await fixture.queue("q")
        let states = States()
        let publisher = fixture.publisher(states: states)
        try await publisher.publish(Message("long"), exchange: "", routingKey: queue)
        let consumer = fixture.consumer(of: queue, states: states)
        var deliveries = consumer.deliveries.makeAsyncIterator()
        let delivery = try #require(await deliveries.next())
        block(seconds: 3.5)
        #expect(!delivery.isLost && !delivery.isRedelivered)
        try delivery.ack()
        try await publisher.publish(Message("next"), exchange: "", routingKey: queue)
        #expect(await deliveries.next()?.text == "next")
        #expect(
            !states.contains { if case .disconnected = $0 { true } else { false } })
        await consumer.close()
        await publisher.close()
    }

    /// A handler's work that keeps its thread for three and a half heartbeats.
    private func block(seconds: Double) { Thread.sleep(forTimeInterval: seconds) }

    @Test(.timeLimit(.minutes(1))) func deliveriesOfAClosedConnectionCannotBeSettled()
        async throws
    {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        try await fixture.publisher().publish(Message("m"), exchange: "", routingKey: queue)
        let consumer = fixture.consumer(of: queue)
        var deliveries = consumer.deliveries.makeAsyncIterator()
        let delivery = try #require(await deliveries.next())
        await consumer.close()
        #expect(delivery.isLost)
        #expect(throws: AMQPError.deliveryLost) { try delivery.ack() }
        #expect(await deliveries.next() == nil)
        try await eventually { try await fixture.messages(in: queue) == 1 }
    }

    @Test(.timeLimit(.minutes(1))) func cancelledTaskEndsItsIterationAndNotTheConsumer()
        async throws
    {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let consumer = fixture.consumer(of: queue)
        let task = Task {
            var deliveries = consumer.deliveries.makeAsyncIterator()
            return await deliveries.next()?.text
        }
        try await eventually { consumer.state == .ready }
        task.cancel()
        #expect(await task.value == nil)
        try await fixture.publisher().publish(Message("m"), exchange: "", routingKey: queue)
        var deliveries = consumer.deliveries.makeAsyncIterator()
        #expect(await deliveries.next()?.text == "m")
        await consumer.close()
    }
}
