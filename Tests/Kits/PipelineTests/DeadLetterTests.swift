// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import InMemoryLogging
import Logging
import Pipeline
import PipelineTesting
import Synchronization
import TestSupport
import Testing

/// Every way into `imprimatur.dead`, with its reason in headers, log and metrics.
@Suite("Dead letters", .timeLimit(.minutes(5)))
struct DeadLetterTests {
    private func expectParked(
        _ bench: Bench, _ kind: DeadLetter.Kind, reason: String, attempts: Int
    ) throws {
        let letters = bench.deadLetters()
        #expect(letters.count == 1)
        let letter = try #require(letters.first)
        #expect(letter.kind == kind)
        #expect(letter.worker == bench.stage.rawValue)
        #expect(letter.queue == bench.stage.queue)
        #expect(letter.attempts == attempts)
        #expect(letter.reason.contains(reason), "\(letter.reason)")
        #expect(letter.firstTime != nil)
        #expect(letter.lastTime != nil)
        #expect(bench.count(outcome: "parked") == 1)
        #expect(bench.count("parked", [("reason", kind.rawValue)]) == 1)
        let line = try #require(bench.lines("parked in imprimatur.dead").first)
        #expect(line.level == .error)
        #expect(line.metadata["kind"] == "\(kind.rawValue)")
        #expect(bench.broker.messages(in: bench.stage.queue).isEmpty)
        #expect(bench.broker.unsettled(in: bench.stage.queue) == 0)
    }

    @Test(
        "undecodable: parked at once, the handler never sees it",
        arguments: [
            ("", "not a JSON object"), ("[]", "not a JSON object"), ("{}", "specversion"),
            (String(repeating: "x", count: 70_000), "exceeds the limit"),
        ])
    func undecodable(body: String, reason: String) async throws {
        let handler = ClosureHandler { _, _ in
            Issue.record("the handler was called")
            return .done([])
        }
        let bench = try Bench(.metadata, .single(handler))
        try await bench.run { bench in
            try await bench.broker.publish(
                Message(body: Array(body.utf8)), to: "", routingKey: Stage.metadata.queue)
            try await bench.settled()
        }
        try expectParked(bench, .undecodable, reason: reason, attempts: 1)
        #expect(bench.deadLetters()[0].message.body == Array(body.utf8))
    }

    @Test("a section that breaks its schema is named")
    func brokenSection() async throws {
        let bench = try Bench(.metadata, .single(building))
        var event = Fixture.scanned()
        event.data[Fetched.key] = .object(["url": .integer(1)])
        let message = try Message(event, appID: "test")
        try await bench.run { bench in
            try await bench.broker.publish(message, to: "", routingKey: Stage.metadata.queue)
            try await bench.settled()
        }
        try expectParked(bench, .undecodable, reason: "section 'fetched'", attempts: 1)
    }

    @Test("an event of a type the stage does not consume")
    func unexpectedType() async throws {
        let bench = try Bench(.metadata, .single(building))
        let message = try Message(Fixture.imageNew(), appID: "test")
        try await bench.run { bench in
            try await bench.broker.publish(message, to: "", routingKey: Stage.metadata.queue)
            try await bench.settled()
        }
        try expectParked(bench, .unexpectedType, reason: "image.new", attempts: 1)
    }

    @Test("attempts exhausted: three failures, three attempts, then parked")
    func attemptsExhausted() async throws {
        let calls = Mutex(0)
        let handler = ClosureHandler { _, _ in
            calls.withLock { $0 += 1 }
            throw Trouble(disposition: .transient, description: "the mirror is down")
        }
        let bench = try Bench(.metadata, .single(handler))
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            try await eventually(timeout: .seconds(40)) {
                bench.broker.expireDelays()
                return bench.deadLetters().count == 1
            }
            try await bench.settled()
        }
        #expect(calls.withLock { $0 } == 3)
        try expectParked(bench, .attemptsExhausted, reason: "the mirror is down", attempts: 3)
        #expect(bench.count(outcome: "retried") == 2)
    }

    @Test("a handler that puts off for ever")
    func yieldsExhausted() async throws {
        let handler = ClosureHandler { _, _ in .yield(after: .seconds(10), why: "not yet") }
        let bench = try Bench(.metadata, .single(handler))
        var message = try Message(Fixture.scanned(), appID: "test")
        message.properties.headers[MessageHeader.yields] = 1000
        let sent = message
        try await bench.run { bench in
            try await bench.broker.publish(sent, to: "", routingKey: Stage.metadata.queue)
            try await bench.settled()
        }
        try expectParked(bench, .yieldsExhausted, reason: "not yet", attempts: 1)
    }

    @Test("an output larger than an event may be")
    func unpublishable() async throws {
        let handler = ClosureHandler { event, _ in
            var output = event
            output.data["ballast"] = .string(String(repeating: "x", count: 70_000))
            return .done([output])
        }
        let bench = try Bench(.metadata, .single(handler))
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            try await bench.settled()
        }
        try expectParked(bench, .unpublishable, reason: "exceeds the limit", attempts: 1)
    }

    @Test("a retried dead letter starts afresh")
    func restored() async throws {
        var message = try Message(Fixture.scanned(), appID: "test")
        message.properties.headers = [
            MessageHeader.attempt: 8, MessageHeader.errorKind: "attempts-exhausted",
            MessageHeader.queue: "imprimatur.metadata", "x-death": .array([]), "x-own": "kept",
        ]
        let letter = DeadLetter(message)
        #expect(letter.restored.properties.headers == ["x-own": "kept"])
        #expect(letter.restored.body == message.body)
        #expect(letter.restored.properties.messageID == message.properties.messageID)
    }

    @Test("what the broker itself parked is understood")
    func parkedByBroker() throws {
        var message = Message(body: [])
        message.properties.headers = [
            "x-first-death-queue": "imprimatur.signer", "x-first-death-reason": "delivery_limit",
            "x-delivery-count": 20,
        ]
        let letter = DeadLetter(message)
        #expect(letter.kind == .deliveryLimit)
        #expect(letter.worker == "signer")
        #expect(letter.queue == "imprimatur.signer")
    }

    /// As RabbitMQ 3.10 writes it: the first death's headers stay, the last death comes first.
    @Test("what the broker parked after a delay is sent home, not into the delay's queue")
    func parkedByBrokerAfterDelay() throws {
        var message = Message(body: [])
        message.properties.headers = [
            "x-first-death-queue": "imprimatur.delay.10s", "x-first-death-reason": "expired",
            "x-death": .array([
                .table(["queue": "imprimatur.signer", "reason": "delivery_limit", "count": 1]),
                .table(["queue": "imprimatur.delay.10s", "reason": "expired", "count": 1]),
            ]), MessageHeader.attempt: 1,
        ]
        let letter = DeadLetter(message)
        #expect(letter.kind == .deliveryLimit)
        #expect(letter.worker == "signer")
        #expect(letter.queue == "imprimatur.signer")
    }

    /// Headers up to the frame's size arrive; half of that can be sent. Broken UTF-8 arrives as
    /// replacement characters of three bytes each.
    @Test("properties too large to be sent again keep no message from being parked")
    func largeProperties() async throws {
        let bench = try Bench(.metadata, .single(building))
        var message = Message(body: Array("{}".utf8))
        message.properties.messageID = String(repeating: "\u{FFFD}", count: 255)
        message.properties.correlationID = "kept"
        for number in 0..<100 {
            message.properties.headers["x-\(number)"] = .string(String(repeating: "x", count: 1000))
        }
        message.properties.headers["a"] = "kept"
        message.properties.headers["large"] = .string(String(repeating: "x", count: 100_000))
        var deep = FieldValue.null
        for _ in 0..<20 { deep = .table(["deeper": deep]) }
        message.properties.headers["deep"] = deep
        let sent = message
        try await bench.run { bench in
            try await bench.broker.publish(sent, to: "", routingKey: Stage.metadata.queue)
            try await bench.settled()
        }
        try expectParked(bench, .undecodable, reason: "specversion", attempts: 1)
        let parked = bench.deadLetters()[0].message.properties
        #expect(parked.messageID == nil && parked.correlationID == "kept")
        #expect(parked.headers["a"] == "kept" && parked.headers["deep"] == nil)
        let bytes = parked.headers.reduce(0) { sum, pair in
            sum + pair.key.utf8.count + (pair.value.string?.utf8.count ?? 0) + 16
        }
        #expect(bytes < Message.headerBytesMax)
    }

    @Test("an error's text is bounded in bytes, however long its characters are")
    func longCharacters() async throws {
        let handler = ClosureHandler { _, _ in
            let long = "e" + String(repeating: "\u{301}", count: 60_000)
            return .reject(Rejection(stage: .metadata, rule: "long", message: long))
        }
        let bench = try Bench(.metadata, .single(handler))
        let tap = bench.broker.tap("image.rejected")
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            try await bench.settled()
        }
        let event = try #require(try bench.broker.events(in: tap).first)
        #expect(try event.section(Rejection.self).message.utf8.count < 8000)
    }

    @Test("hostile headers neither trap nor retry for ever")
    func hostileHeaders() async throws {
        let handler = ClosureHandler { _, _ in .retry(after: nil, why: "busy") }
        for value in [FieldValue.integer(.max), .string("8"), .integer(-5), .null] {
            let bench = try Bench(.metadata, .single(handler))
            var message = try Message(Fixture.scanned(), appID: "test")
            message.properties.headers[MessageHeader.attempt] = value
            message.properties.headers[MessageHeader.firstTime] = "yesterday"
            message.properties.headers["x-delivery-count"] = .integer(.max)
            let sent = message
            try await bench.run { bench in
                try await bench.broker.publish(sent, to: "", routingKey: Stage.metadata.queue)
                try await bench.settled()
            }
            #expect(bench.count(outcome: "parked") == (value == .integer(.max) ? 1 : 0))
        }
    }
}
