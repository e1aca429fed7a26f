// SPDX-License-Identifier: Apache-2.0
import AMQP
import TestSupport
import Testing

/// What the broker, or the library itself, says no to.
@Suite struct RefusalTests {
    @Test(.timeLimit(.minutes(1))) func unroutableMessageIsMatchedAmongItsNeighbours()
        async throws
    {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let publisher = fixture.publisher()
        let batch = (0..<100).map { number in
            Publication(
                Message("\(number)"), exchange: "",
                routingKey: number % 10 == 3 ? "nowhere" : queue)
        }
        let outcomes = await publisher.publish(batch)
        for (number, outcome) in outcomes.enumerated() {
            let expected: AMQPError? =
                number % 10 == 3
                ? .unroutable(
                    ReturnedMessage(
                        replyCode: 312, replyText: "NO_ROUTE", exchange: "",
                        routingKey: "nowhere"))
                : nil
            #expect(outcome == expected)
        }
        try await eventually { try await fixture.messages(in: queue) == 90 }
        try await publisher.publish(
            Message("may vanish"), exchange: "", routingKey: "nowhere", mandatory: false)
    }

    @Test(.timeLimit(.minutes(1))) func fullQueueThatRejectsPublishesIsARefusal() async throws {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue(
            "q", ["x-max-length": 3, "x-overflow": "reject-publish"])
        let publisher = fixture.publisher()
        var refusals = 0
        for number in 0..<20 {
            let error = await amqpError { () async throws(AMQPError) in
                try await publisher.publish(
                    Message("\(number)"), exchange: "", routingKey: queue)
            }
            if let error {
                #expect(error == .refused)
                #expect(error.isTransient)
                refusals += 1
            }
        }
        #expect(refusals > 10)
        try await fixture.administration.purge(queue)
        try await eventually {
            await amqpError { () async throws(AMQPError) in
                try await publisher.publish(Message("fits"), exchange: "", routingKey: queue)
            } == nil
        }
    }

    @Test(.timeLimit(.minutes(1))) func missingExchangeFailsItsMessageAloneAndPublisherGoesOn()
        async throws
    {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let publisher = fixture.publisher()
        let batch = (0..<60).map { number in
            Publication(
                Message("\(number)"), exchange: number % 20 == 7 ? "missing" : "",
                routingKey: queue)
        }
        let outcomes = await publisher.publish(batch)
        for (number, outcome) in outcomes.enumerated() {
            #expect(outcome?.replyCode == (number % 20 == 7 ? 404 : nil), "message \(number)")
        }
        let consumer = fixture.consumer(of: queue)
        let expected = Set((0..<60).filter { $0 % 20 != 7 }.map { "\($0)" })
        let seen = try await fixture.collect(expected, from: consumer)
        #expect(Set(seen.keys) == expected)
        await consumer.close()
        try await publisher.publish(Message("after"), exchange: "", routingKey: queue)
    }

    @Test(.timeLimit(.minutes(1))) func brokerExceptionsAreTypedAndDoNotSpoilTheNextRequest()
        async throws
    {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let administration = fixture.administration
        let redeclared = await amqpError { () async throws(AMQPError) in
            _ = try await administration.declareQueue(queue, isDurable: false)
        }
        #expect(redeclared?.replyCode == BrokerException.preconditionFailed)
        let reserved = await amqpError { () async throws(AMQPError) in
            try await administration.declareExchange("amq.mine", type: "topic")
        }
        #expect(reserved?.replyCode == BrokerException.accessRefused)
        #expect(reserved?.isTransient == false)
        let missing = await amqpError { () async throws(AMQPError) in
            _ = try await administration.get(from: "missing")
        }
        guard case .channelClosed(let exception) = missing else {
            Issue.record("no channel exception: \(String(describing: missing))")
            return
        }
        #expect(exception.replyCode == 404)
        #expect(exception.replyText.contains("missing"))
        #expect(exception.classID == 60 && exception.methodID == 70)
        #expect(try await administration.checkQueue(queue).consumers == 0)
    }

    @Test(.timeLimit(.minutes(1))) func consumerStartSaysWhyItCannot() async throws {
        let fixture = try await BrokerFixture()
        let missing = fixture.consumer(of: "missing")
        let error = await amqpError { () async throws(AMQPError) in try await missing.start() }
        #expect(error?.replyCode == BrokerException.notFound)
        let queue = "classic"
        try await fixture.administration.declareQueue(queue)
        let owner = fixture.consumer(of: queue) { $0.isExclusive = true }
        try await owner.start()
        let second = fixture.consumer(of: queue)
        let refused = await amqpError { () async throws(AMQPError) in try await second.start() }
        #expect(refused?.replyCode == BrokerException.accessRefused)
        await owner.close()
        try await second.start()
        await second.close()
        await missing.close()
    }

    @Test(.timeLimit(.minutes(1))) func wrongPasswordAndWrongVhostAreRefusedLogins()
        async throws
    {
        var configuration = try await BrokerFixture().configuration
        configuration.credentials = .plain(user: "imprimatur", password: "wrong")
        let wrong = Publisher(configuration)
        let error = await amqpError { () async throws(AMQPError) in
            try await wrong.publish(Message("m"), exchange: "", routingKey: "q")
        }
        #expect(error?.replyCode == BrokerException.accessRefused)
        #expect(error?.isTransient == false)
        #expect("\(String(describing: error))".contains("wrong") == false)
        await wrong.close()
        var elsewhere = try await BrokerFixture().configuration
        elsewhere.vhost = "nowhere"
        let vhost = await amqpError { () async throws(AMQPError) in
            try await Publisher(elsewhere).connect()
        }
        #expect(vhost?.replyCode == BrokerException.notAllowed)
    }

    @Test(.timeLimit(.minutes(1))) func whatAMQPCannotCarryIsRefusedBeforeItIsSent()
        async throws
    {
        let fixture = try await BrokerFixture()
        let queue = try await fixture.queue("q")
        let publisher = fixture.publisher()
        var long = Message("m")
        long.properties.type = String(repeating: "ü", count: 128)
        var heavy = Message("m")
        heavy.properties.headers = ["h": .bytes(Array(repeating: 0, count: 70_000))]
        var nested = FieldValue.string("deep")
        for _ in 0..<20 { nested = .array([nested]) }
        var deep = Message("m")
        deep.properties.headers = ["h": nested]
        for message in [long, heavy, deep] {
            let error = await amqpError { () async throws(AMQPError) in
                try await publisher.publish(message, exchange: "", routingKey: queue)
            }
            guard case .invalid = error else {
                Issue.record("not refused: \(String(describing: error))")
                continue
            }
        }
        try await publisher.publish(Message("fine"), exchange: "", routingKey: queue)
        try await eventually { try await fixture.messages(in: queue) == 1 }
    }
}
