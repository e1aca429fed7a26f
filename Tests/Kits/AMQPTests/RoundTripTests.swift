// SPDX-License-Identifier: Apache-2.0
import AMQP
import TestSupport
import Testing

@Suite struct RoundTripTests {
    @Test(.timeLimit(.minutes(1))) func confirmedMessageArrivesOnceAndIsForgottenWhenAcked()
        async throws
    {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let publisher = fixture.publisher()
        try await publisher.publish(Message("hello"), exchange: "", routingKey: queue)
        let consumer = fixture.consumer(of: queue)
        var deliveries = consumer.deliveries.makeAsyncIterator()
        let delivery = try #require(await deliveries.next())
        #expect(delivery.text == "hello")
        #expect(delivery.routingKey == queue)
        #expect(!delivery.isRedelivered)
        try delivery.ack()
        #expect(throws: AMQPError.settledAlready) { try delivery.ack() }
        await consumer.close()
        await publisher.close()
        #expect(try await fixture.messages(in: queue) == 0)
    }

    @Test(.timeLimit(.minutes(1))) func allPropertiesAndHeadersSurvive() async throws {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        var message = Message("Übergröße ✓")
        message.properties.contentType = "application/json"
        message.properties.contentEncoding = "identity"
        message.properties.priority = 3
        message.properties.correlationID = "correlation"
        message.properties.replyTo = "reply"
        message.properties.expiration = "600000"
        message.properties.messageID = "id"
        message.properties.timestamp = 1_700_000_000
        message.properties.type = "type"
        message.properties.userID = fixture.broker.user
        message.properties.appID = "app"
        message.properties.headers = [
            "text": "täxt", "empty": "", "number": -7, "large": .integer(.max), "flag": true,
            "double": .double(2.5), "time": .timestamp(12), "bytes": .bytes([0, 255]),
            "decimal": .decimal(scale: 2, value: 314), "null": .null,
            "list": .array(["a", 1, .table(["deep": false])]), "table": .table(["x": "y"]),
            "none": .table([:]), "nothing": .array([]),
        ]
        let publisher = fixture.publisher()
        try await publisher.publish(message, exchange: "", routingKey: queue)
        let fetched = try #require(await fixture.administration.get(from: queue))
        // The quorum queue's own mark.
        message.properties.headers["x-delivery-count"] = 0
        #expect(fetched.delivery.message == message)
        #expect(fetched.remaining == 0)
        try fetched.delivery.ack()
        #expect(try await fixture.administration.get(from: queue) == nil)
        await fixture.administration.close()
    }

    @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 131_063, 131_064, 131_065, 5_000_000])
    func bodiesOfAnySizeSurvive(size: Int) async throws {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let publisher = fixture.publisher()
        try await publisher.publish(Message(body: body), exchange: "", routingKey: queue)
        let consumer = fixture.consumer(of: queue)
        var deliveries = consumer.deliveries.makeAsyncIterator()
        #expect(await deliveries.next()?.message.body == body)
        await consumer.close()
        let fetched = try await fixture.administration.get(from: queue)
        #expect(fetched?.delivery.message.body == body)
        #expect(fetched?.delivery.isRedelivered == true)
    }

    @Test(.timeLimit(.minutes(1))) func tenThousandPipelinedConfirms() async throws {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let publisher = fixture.publisher()
        let count = 10_000
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await publisher.publish(
                        Message("\(number)"), exchange: "", routingKey: queue)
                }
            }
            try await group.waitForAll()
        }
        let consumer = fixture.consumer(of: queue) {
            $0.prefetch = 256
            $0.acknowledgement = .coalesced(64)
        }
        let expected = Set((0..<count).map { "\($0)" })
        let seen = try await fixture.collect(expected, from: consumer)
        #expect(seen.count == count)
        #expect(seen.values.allSatisfy { $0 == 1 })
        await consumer.close()
        #expect(try await fixture.messages(in: queue) == 0)
    }

    @Test(.timeLimit(.minutes(1))) func batchKeepsItsOrder() async throws {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let publisher = fixture.publisher { $0.window = 10 }
        let batch = (0..<500).map {
            Publication(Message("\($0)"), exchange: "", routingKey: queue)
        }
        #expect(await publisher.publish(batch) == Array(repeating: nil, count: 500))
        let consumer = fixture.consumer(of: queue)
        var deliveries = consumer.deliveries.makeAsyncIterator()
        var order: [String] = []
        while order.count < 500 {
            let some = await deliveries.next(upTo: 7)
            #expect((1...7).contains(some.count))
            order += some.map(\.text)
            for delivery in some { try delivery.ack() }
        }
        #expect(order == (0..<500).map { "\($0)" })
        await consumer.close()
    }

    @Test(.timeLimit(.minutes(1))) func coalescedAcksOutOfOrderLeaveOnlyTheOpenOne() async throws {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let batch = (0..<50).map { Publication(Message("\($0)"), exchange: "", routingKey: queue) }
        #expect(await fixture.publisher().publish(batch).allSatisfy { $0 == nil })
        let consumer = fixture.consumer(of: queue) { $0.acknowledgement = .coalesced(16) }
        var deliveries = consumer.deliveries.makeAsyncIterator()
        var taken: [Delivery] = []
        while taken.count < 50, let delivery = await deliveries.next() { taken.append(delivery) }
        for delivery in taken.shuffled() where delivery.text != "20" { try delivery.ack() }
        await consumer.close()
        try await eventually { try await fixture.messages(in: queue) == 1 }
        #expect(try await fixture.administration.get(from: queue)?.delivery.text == "20")
    }

    @Test(.timeLimit(.minutes(1))) func nackRequeuesAndRejectDeadLetters() async throws {
        let fixture = try await BrokerFixture()
        let dead = try await fixture.queue("dead")
        let queue = try await fixture.queue(
            "q", ["x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(dead)])
        try await fixture.publisher().publish(Message("m"), exchange: "", routingKey: queue)
        let consumer = fixture.consumer(of: queue)
        var deliveries = consumer.deliveries.makeAsyncIterator()
        try #require(await deliveries.next()).nack()
        let again = try #require(await deliveries.next())
        #expect(again.isRedelivered)
        #expect(again.message.properties.headers["x-delivery-count"] == 1)
        try again.reject()
        try await eventually { try await fixture.messages(in: dead) == 1 }
        await consumer.close()
    }

    @Test(.timeLimit(.minutes(1))) func prefetchBoundsWhatIsOpen() async throws {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let batch = (0..<20).map { Publication(Message("\($0)"), exchange: "", routingKey: queue) }
        _ = await fixture.publisher().publish(batch)
        let consumer = fixture.consumer(of: queue) { $0.prefetch = 5 }
        try await consumer.start()
        try await eventually { try await fixture.messages(in: queue) == 15 }
        var deliveries = consumer.deliveries.makeAsyncIterator()
        #expect(await deliveries.next(upTo: 100).count <= 5)
        #expect(try await fixture.messages(in: queue) == 15)
        await consumer.close()
        try await eventually { try await fixture.messages(in: queue) == 20 }
    }

    @Test(.timeLimit(.minutes(1))) func cancelGivesBackWhatNobodyTookAndStillAcksTheRest()
        async throws
    {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let batch = (0..<20).map { Publication(Message("\($0)"), exchange: "", routingKey: queue) }
        _ = await fixture.publisher().publish(batch)
        let consumer = fixture.consumer(of: queue)
        var deliveries = consumer.deliveries.makeAsyncIterator()
        let first = try #require(await deliveries.next())
        try await eventually { try await fixture.messages(in: queue) == 0 }
        await consumer.cancel()
        #expect(await deliveries.next() == nil)
        try await eventually { try await fixture.messages(in: queue) == 19 }
        try first.ack()
        await consumer.close()
        #expect(consumer.state == .closed)
        #expect(try await fixture.messages(in: queue) == 19)
    }

    @Test(.timeLimit(.minutes(1))) func temporaryQueueSeesWhatIsPublishedAndGoes() async throws {
        let fixture = try await BrokerFixture()
        try await fixture.administration.declareExchange("events", type: "topic")
        let consumer = Consumer(
            fixture.configuration,
            source: .temporary([.init(exchange: "events", routingKey: "image.*")]))
        try await consumer.start()
        let publisher = fixture.publisher()
        try await publisher.publish(
            Message("seen"), exchange: "events", routingKey: "image.new")
        var deliveries = consumer.deliveries.makeAsyncIterator()
        #expect(await deliveries.next()?.text == "seen")
        await consumer.close()
        let error = await amqpError { () async throws(AMQPError) in
            try await publisher.publish(
                Message("unseen"), exchange: "events", routingKey: "image.new")
        }
        #expect(error?.replyCode == 312)
    }

    @Test(.timeLimit(.minutes(1))) func topologyCanBeCheckedChangedAndRemoved() async throws {
        let fixture = try await BrokerFixture()
        let administration = fixture.administration
        try await administration.declareExchange(
            "x", type: "topic", arguments: ["alternate-exchange": "other"])
        try await administration.checkExchange("x")
        let queue = try await fixture.queue("q", ["x-max-length": 10])
        try await administration.bind(queue: queue, exchange: "x", routingKey: "a.#")
        let publisher = fixture.publisher()
        try await publisher.publish(Message("1"), exchange: "x", routingKey: "a.b")
        try await eventually { try await administration.checkQueue(queue).messages == 1 }
        #expect(try await administration.purge(queue) == 1)
        try await administration.unbind(queue: queue, exchange: "x", routingKey: "a.#")
        let error = await amqpError { () async throws(AMQPError) in
            try await publisher.publish(Message("2"), exchange: "x", routingKey: "a.b")
        }
        #expect(error?.replyCode == 312)
        try await administration.deleteQueue(queue)
        try await administration.deleteExchange("x")
        let gone = await amqpError { () async throws(AMQPError) in
            try await administration.checkExchange("x")
        }
        #expect(gone?.replyCode == BrokerException.notFound)
    }

    @Test(.timeLimit(.minutes(1))) func closeWaitsForConfirmsAndRefusesAfterwards() async throws {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let publisher = fixture.publisher()
        try await publisher.connect()
        for number in 0..<200 {
            publisher.post(Publication(Message("\(number)"), exchange: "", routingKey: queue))
        }
        await publisher.close()
        #expect(try await fixture.messages(in: queue) == 200)
        let error = await amqpError { () async throws(AMQPError) in
            try await publisher.publish(Message("late"), exchange: "", routingKey: queue)
        }
        #expect(error == .closed)
    }
}
