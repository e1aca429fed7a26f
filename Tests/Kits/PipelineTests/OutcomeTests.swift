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

/// Each outcome of a handler leads to its broker act, its count and its log line.
@Suite("Outcomes", .timeLimit(.minutes(5)))
struct OutcomeTests {
    @Test("done: the output is published as an event should be, then the input is acknowledged")
    func done() async throws {
        let bench = try Bench(.metadata, .single(building))
        let tap = bench.broker.tap("metadata.built")
        let input = Fixture.scanned()
        try await bench.run { bench in
            try await bench.broker.publish(input)
            try await eventually(timeout: .seconds(40)) {
                bench.broker.messages(in: tap).count == 1
            }
            try await bench.settled()
        }
        let message = try #require(bench.broker.messages(in: tap).first)
        let output = try Event(decoding: message.body)
        #expect(output.id == DerivedIdentifier.event(from: input.id, type: .metadataBuilt))
        #expect(message.properties.messageID == output.id)
        #expect(message.properties.correlationID == input.publication)
        #expect(message.properties.type == "imprimatur.metadata.built.v1")
        #expect(message.properties.appID == "imprimatur-metadata")
        #expect(message.properties.contentType == "application/cloudevents+json")
        #expect(message.properties.deliveryMode == .persistent)
        #expect(message.properties.timestamp == UInt64(output.time.seconds))
        #expect(bench.count(outcome: "done") == 1)
        let line = try #require(bench.lines("done").first)
        #expect(line.metadata["publication"] == "\(input.publication)")
        #expect(line.metadata["event"] == "\(input.id)")
        #expect(line.metadata["attempt"] == "1")
    }

    @Test("rejected: by outcome and by a permanent error, with stage, rule and what was known")
    func rejected() async throws {
        let handler = ClosureHandler { event, context in
            guard event.subject == "two" else {
                return .reject(
                    Rejection(
                        stage: .metadata, rule: "no-title", message: "The title is missing.",
                        evidence: ["field": "title"]))
            }
            throw Trouble(disposition: .permanent, description: "cannot ever work")
        }
        let bench = try Bench(.metadata, .single(handler))
        let tap = bench.broker.tap("image.rejected")
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned(name: "one"))
            try await bench.broker.publish(Fixture.scanned(name: "two"))
            try await bench.settled()
        }
        let events = try bench.broker.events(in: tap).sorted { $0.subject < $1.subject }
        #expect(events.count == 2)
        let first = try events[0].section(Rejection.self)
        #expect(first.rule == "no-title")
        #expect(first.evidence == ["field": "title"])
        #expect(try events[0].section(ImageRequest.self).name == "one")
        #expect(
            events[0].id
                == DerivedIdentifier.event(
                    from: Fixture.scanned(name: "one").id, type: .imageRejected))
        let second = try events[1].section(Rejection.self)
        #expect(second.rule == "permanent-error")
        #expect(second.message == "cannot ever work")
        #expect(bench.count(outcome: "rejected") == 2)
        #expect(bench.lines("rejected").count == 2)
        #expect(bench.broker.messages(in: Topology.dead).isEmpty)
    }

    @Test("a rejection too large for an event keeps its reason and drops the rest")
    func largeRejection() async throws {
        let handler = ClosureHandler { _, _ in
            .reject(
                Rejection(
                    stage: .metadata, rule: "large", message: String(repeating: "x", count: 9000),
                    evidence: ["all": String(repeating: "y", count: 70_000)]))
        }
        let bench = try Bench(.metadata, .single(handler))
        let tap = bench.broker.tap("image.rejected")
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            try await bench.settled()
        }
        let event = try #require(try bench.broker.events(in: tap).first)
        let rejection = try event.section(Rejection.self)
        #expect(rejection.rule == "large")
        #expect(rejection.message.count == 2000)
        #expect(rejection.evidence.isEmpty)
    }

    @Test("retry: the original goes through the ladder with its past in headers, then succeeds")
    func retried() async throws {
        let calls = Mutex(0)
        let handler = ClosureHandler { event, context in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            #expect(context.attempt == call)
            if call == 1 { throw Trouble(disposition: .transient, description: "busy") }
            if call == 2 { return .retry(after: .seconds(3000), why: "still busy") }
            return try await building.handle(event, context)
        }
        let bench = try Bench(.metadata, .single(handler))
        let tap = bench.broker.tap("metadata.built")
        let input = Fixture.scanned()
        try await bench.run { bench in
            try await bench.broker.publish(input)
            let first = try await eventually(timeout: .seconds(40)) {
                bench.broker.messages(in: "imprimatur.delay.10s").first
            }
            #expect(first.body == (try input.encoded()))
            #expect(first.properties.messageID == input.id)
            #expect(first.properties.headers[MessageHeader.attempt] == .integer(1))
            #expect(first.properties.headers[MessageHeader.error] == .string("busy"))
            let since = first.properties.headers[MessageHeader.firstTime]
            #expect(since != nil)
            bench.broker.expireDelays()
            let second = try await eventually(timeout: .seconds(40)) {
                bench.broker.messages(in: "imprimatur.delay.1h").first
            }
            #expect(second.properties.headers[MessageHeader.attempt] == .integer(2))
            #expect(second.properties.headers[MessageHeader.firstTime] == since)
            #expect(second.properties.headers["x-first-death-queue"] == nil)
            bench.broker.expireDelays()
            try await eventually(timeout: .seconds(40)) {
                bench.broker.messages(in: tap).count == 1
            }
            try await bench.settled()
        }
        #expect(bench.count(outcome: "retried") == 2)
        #expect(bench.count(outcome: "done") == 1)
        #expect(
            bench.lines("retrying later").map { $0.metadata["reason"] } == ["busy", "still busy"])
    }

    @Test("yield: goes round without counting as an attempt")
    func yielded() async throws {
        let calls = Mutex(0)
        let handler = ClosureHandler { event, context in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            #expect(context.attempt == 1)
            if call < 5 { return .yield(after: .seconds(5), why: "half way") }
            return try await building.handle(event, context)
        }
        let bench = try Bench(.metadata, .single(handler))
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            for round in 1...4 {
                let message = try await eventually(timeout: .seconds(40)) {
                    bench.broker.messages(in: "imprimatur.delay.10s").first
                }
                #expect(message.properties.headers[MessageHeader.yields] == .integer(Int64(round)))
                #expect(message.properties.headers[MessageHeader.attempt] == nil)
                bench.broker.expireDelays()
            }
            try await eventually(timeout: .seconds(40)) { bench.count(outcome: "done") == 1 }
        }
        #expect(bench.count(outcome: "yielded") == 4)
        #expect(bench.broker.messages(in: Topology.dead).isEmpty)
    }

    @Test("fatal: the worker stops with the error, the event comes back with no delivery counted")
    func fatal() async throws {
        let handler = ClosureHandler { _, _ in
            throw Trouble(disposition: .fatal, description: "the key is gone")
        }
        let bench = try Bench(.metadata, .single(handler))
        try await bench.broker.publish(Fixture.scanned())
        let error = await #expect(throws: Trouble.self) { try await bench.runToEnd() }
        #expect(error?.description == "the key is gone")
        #expect(bench.broker.unsettled(in: Stage.metadata.queue) == 0)
        bench.broker.expireDelays()
        let back = try #require(bench.broker.messages(in: Stage.metadata.queue).first)
        #expect(back.body == (try Fixture.scanned().encoded()))
        // The broker parks what it has delivered twenty times: a supervisor's loop would do that
        // to every event within minutes.
        #expect(back.properties.headers["x-delivery-count"] == nil)
        #expect(back.properties.headers[MessageHeader.attempt] == nil)
        #expect(back.properties.headers[MessageHeader.stops] == .integer(1))
        #expect(back.properties.headers[MessageHeader.error] == .string("the key is gone"))
        #expect(bench.count(outcome: "fatal") == 1)
        #expect(bench.lines("fatal error; stopping").count == 1)
    }

    @Test("fatal three hundred times: the event itself is the cause, and is parked")
    func fatalForEver() async throws {
        let handler = ClosureHandler { _, _ in
            throw Trouble(disposition: .fatal, description: "the key is gone")
        }
        let bench = try Bench(.metadata, .single(handler))
        var message = try Message(Fixture.scanned(), appID: "test")
        message.properties.headers[MessageHeader.stops] = 300
        let sent = message
        try await bench.run { bench in
            try await bench.broker.publish(sent, to: "", routingKey: Stage.metadata.queue)
            try await bench.settled()
        }
        let letter = try #require(bench.deadLetters().first)
        #expect(letter.reason == "300 workers stopped over it; the key is gone")
    }

    @Test("a handler past its deadline is cancelled and tried again")
    func overdue() async throws {
        let handler = ClosureHandler { _, _ in
            try await ContinuousClock().sleep(for: .seconds(3600))
            return .done([])
        }
        var options = RouterOptions.quick
        options.deadline = .milliseconds(50)
        let bench = try Bench(.metadata, .single(handler), options: options)
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            let message = try await eventually(timeout: .seconds(40)) {
                bench.broker.messages(in: "imprimatur.delay.10s").first
            }
            #expect(
                message.properties.headers[MessageHeader.error] == .string("not done within 50ms"))
        }
    }

    @Test("progress is published in order and never confirmed to the handler")
    func progress() async throws {
        let handler = ClosureHandler { event, context in
            for bytes in [1, 2, 3] {
                await context.report(
                    Progress(stage: .metadata, activity: "work", bytes: bytes), for: event)
            }
            return try await building.handle(event, context)
        }
        let bench = try Bench(.metadata, .single(handler))
        let tap = bench.broker.tap("image.progress")
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            try await eventually(timeout: .seconds(40)) {
                bench.broker.messages(in: tap).count == 3
            }
        }
        #expect(
            try bench.broker.events(in: tap).map { try $0.section(Progress.self).bytes } == [
                1, 2, 3,
            ])
    }

    @Test("a handler can publish to another exchange, confirmed")
    func addressed() async throws {
        let handler = ClosureHandler { event, context in
            try await context.publish(
                event, exchange: Topology.sites, routingKey: Topology.siteRoutingKey("north"))
            return .done([])
        }
        let bench = try Bench(.siteNotifier, .single(handler))
        let tap = bench.broker.tap(Topology.sites, "list.updated.north")
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.listUpdated())
            try await bench.settled()
        }
        #expect(try bench.broker.events(in: tap) == [Fixture.listUpdated()])
    }
}
