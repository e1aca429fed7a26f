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

/// Nothing acknowledged is lost and a redelivery is harmless, whatever the broker does.
@Suite("Publish faults", .timeLimit(.minutes(5)))
struct PublishFaultTests {
    @Test(
        "an output that did not arrive, or may have, is published again under the same id",
        arguments: [
            FaultyBroker.PublishFault.unavailable, .lost, .confirmLost, .nack, .duplicate,
        ])
    func again(fault: FaultyBroker.PublishFault) async throws {
        let bench = try Bench(.metadata, .single(building))
        let tap = bench.broker.tap("metadata.built")
        bench.faulty.failPublishes([fault, fault])
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            try await eventually(timeout: .seconds(40)) { bench.count(outcome: "done") == 1 }
            try await bench.settled()
        }
        let ids = Set(bench.broker.messages(in: tap).map { $0.properties.messageID })
        #expect(
            ids == [DerivedIdentifier.event(from: Fixture.scanned().id, type: .metadataBuilt)])
        #expect(Set(bench.faulty.published.map(\.properties.messageID)).count == 1)
    }

    @Test("a crash between confirm and acknowledgement: the redelivery gives the same event")
    func acknowledgementLost() async throws {
        let bench = try Bench(.metadata, .single(building))
        let tap = bench.broker.tap("metadata.built")
        bench.faulty.loseSettlements(1)
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            try await eventually(timeout: .seconds(40)) {
                bench.broker.messages(in: tap).count == 2
            }
            try await bench.settled()
        }
        let bodies = try bench.broker.messages(in: tap).map { message in
            var event = try Event(decoding: message.body)
            event.time = Fixture.requestTime
            return try event.encoded()
        }
        #expect(Set(bodies).count == 1)
        #expect(bench.count("unsettled") == 1)
        let lines = bench.lines("could not settle the event; it will be delivered again")
        #expect(lines.count == 1)
        #expect(lines.first?.level == .error)
        #expect(lines.first?.error is BrokerError)
        #expect(bench.lines("done").last?.metadata["attempt"] == "2")
    }

    @Test("nothing is acknowledged while an output is not confirmed")
    func patience() async throws {
        let bench = try Bench(.metadata, .single(building))
        bench.faulty.failPublishes(Array(repeating: .unavailable, count: 10))
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            // Ten tries fail; the input goes back to its queue and succeeds when it comes again.
            try await eventually(timeout: .seconds(40)) { bench.count(outcome: "done") == 1 }
            try await bench.settled()
        }
        #expect(bench.count(outcome: "given-back") == 1)
        #expect(bench.faulty.published.count == 11)
        #expect(bench.lines("done").first?.metadata["attempt"] == "2")
    }

    @Test("unroutable: the input takes the retry road")
    func unroutable() async throws {
        let bench = try Bench(.metadata, .single(building))
        bench.faulty.failPublishes([.unroutable])
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            try await eventually(timeout: .seconds(40)) {
                bench.broker.messages(in: "imprimatur.delay.10s").count == 1
            }
            try await bench.settled()
        }
        #expect(bench.count(outcome: "retried") == 1)
        #expect(bench.count(outcome: "done") == 0)
    }

    @Test(
        "no permission to publish stops the worker; the event is put aside, or stays",
        arguments: [(1, "imprimatur.delay.10s"), (2, Stage.metadata.queue)])
    func denied(times: Int, place: String) async throws {
        let bench = try Bench(.metadata, .single(building))
        bench.faulty.failPublishes(Array(repeating: .denied, count: times))
        try await bench.broker.publish(Fixture.scanned())
        await #expect(throws: BrokerError.denied("fault")) { try await bench.runToEnd() }
        #expect(bench.broker.messages(in: place).count == 1)
        #expect(bench.broker.unsettled(in: Stage.metadata.queue) == 0)
    }

    @Test("connections that break while handlers work cost nothing")
    func connectionsLost() async throws {
        let gate = TestGate()
        let handler = ClosureHandler { event, context in
            await gate.pass()
            return try await building.handle(event, context)
        }
        let bench = try Bench(.metadata, .single(handler))
        let tap = bench.broker.tap("metadata.built")
        try await bench.run { bench in
            for number in 0..<4 {
                try await bench.broker.publish(Fixture.scanned(name: "image\(number)"))
            }
            try await eventually(timeout: .seconds(40)) {
                bench.broker.unsettled(in: Stage.metadata.queue) > 0
            }
            bench.broker.dropConnections()
            gate.open()
            try await eventually(timeout: .seconds(40)) {
                Set(bench.broker.messages(in: tap).map(\.properties.messageID)).count == 4
            }
            try await bench.settled()
        }
        #expect(bench.broker.messages(in: Topology.dead).isEmpty)
    }
}

/// Holds tasks until it is opened.
final class TestGate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>(
        (false, []))

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    var waiting: Int { state.withLock { $0.waiting.count } }
}
