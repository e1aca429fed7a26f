// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Pipeline
import PipelineTesting
import Synchronization
import TestSupport
import Testing

/// Shutdown drains: running handlers end, the rest is given back, nothing is lost.
@Suite("Shutdown", .timeLimit(.minutes(5)))
struct ShutdownTests {
    @Test("running handlers end within the grace time; what waits for a slot is given back")
    func drain() async throws {
        let gate = TestGate()
        let handler = ClosureHandler { event, context in
            await gate.pass()
            return try await building.handle(event, context)
        }
        let bench = try Bench(.metadata, .single(handler))
        let tap = bench.broker.tap("metadata.built")
        try await bench.run { bench in
            for number in 0..<6 {
                try await bench.broker.publish(Fixture.scanned(name: "image\(number)"))
            }
            try await eventually(timeout: .seconds(40)) { gate.waiting == 2 }
            await bench.shutDown()
            try await eventually(timeout: .seconds(40)) {
                bench.broker.consumers(of: Stage.metadata.queue) == 0
            }
            #expect(bench.broker.messages(in: tap).isEmpty)
            gate.open()
        }
        #expect(bench.broker.messages(in: tap).count == 2)
        #expect(bench.count(outcome: "done") == 2)
        #expect(bench.broker.messages(in: Stage.metadata.queue).count == 4)
        #expect(bench.broker.unsettled(in: Stage.metadata.queue) == 0)
    }

    @Test("handlers past the grace time are cancelled and their events given back, not retried")
    func graceOver() async throws {
        let started = Mutex(0)
        let handler = ClosureHandler { _, _ in
            started.withLock { $0 += 1 }
            try await ContinuousClock().sleep(for: .seconds(3600))
            return .done([])
        }
        var options = RouterOptions.quick
        options.grace = .milliseconds(50)
        let bench = try Bench(
            .metadata, .single(handler), options: options, clock: ContinuousClock())
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            try await eventually(timeout: .seconds(40)) { started.withLock { $0 } == 1 }
        }
        let left = try #require(bench.broker.messages(in: Stage.metadata.queue).first)
        #expect(left.properties.headers[MessageHeader.attempt] == nil)
        #expect(bench.count(outcome: "given-back") == 1)
        #expect(bench.broker.messages(in: "imprimatur.delay.10s").isEmpty)
    }

    @Test("a handler that ignores its cancellation does not hold the worker")
    func stubborn() async throws {
        let gate = TestGate()
        let handler = ClosureHandler { _, _ in
            await gate.pass()
            return .done([])
        }
        var options = RouterOptions.quick
        options.grace = .milliseconds(20)
        let bench = try Bench(.metadata, .single(handler), options: options)
        try await bench.run { bench in
            try await bench.broker.publish(Fixture.scanned())
            try await eventually(timeout: .seconds(40)) { gate.waiting == 1 }
        }
        #expect(bench.lines("handlers ignore their cancellation; leaving them").count == 1)
        await bench.broker.close()
        #expect(bench.broker.messages(in: Stage.metadata.queue).count == 1)
        gate.open()
    }

    @Test("starting and stopping many times loses and repeats nothing")
    func stress() async throws {
        for _ in 0..<20 {
            let bench = try Bench(.metadata, .single(building))
            let tap = bench.broker.tap("metadata.built")
            try await bench.run { bench in
                for number in 0..<8 {
                    try await bench.broker.publish(Fixture.scanned(name: "image\(number)"))
                }
            }
            let built = bench.broker.messages(in: tap).count
            let left = bench.broker.messages(in: Stage.metadata.queue).count
            #expect(built + left == 8)
            #expect(bench.broker.unsettled(in: Stage.metadata.queue) == 0)
        }
    }

    @Test("handlers run at once up to the concurrency, and no more")
    func concurrency() async throws {
        let gate = TestGate()
        let handler = ClosureHandler { event, context in
            await gate.pass()
            return try await building.handle(event, context)
        }
        var options = RouterOptions.quick
        options.concurrency = 3
        options.prefetch = 5
        let bench = try Bench(.metadata, .single(handler), options: options)
        try await bench.run { bench in
            for number in 0..<9 {
                try await bench.broker.publish(Fixture.scanned(name: "image\(number)"))
            }
            try await eventually(timeout: .seconds(40)) { gate.waiting == 3 }
            // One more waits for a slot; the others stay with the broker.
            try await eventually(timeout: .seconds(40)) {
                bench.broker.unsettled(in: Stage.metadata.queue) == 4
            }
            #expect(gate.waiting == 3)
            gate.open()
            try await bench.settled()
        }
        #expect(bench.count(outcome: "done") == 9)
    }
}

/// Handlers of batches.
@Suite("Batches", .timeLimit(.minutes(5)))
struct BatchTests {
    private func listed(_ events: [Event], _ context: HandlerContext) throws -> [Outcome] {
        try events.enumerated().map { index, event in
            guard index == 0 else { return .done([]) }
            let section = UpdatedList(
                name: "list", serial: 1, sha256: Fixture.blob(of: []).sha256, size: 0,
                added: [], removed: [])
            return .done([try context.emit(.listUpdated, from: event, adding: section)])
        }
    }

    @Test("what is there is one batch, and one event stands for it")
    func gathers() async throws {
        let sizes = Mutex<[Int]>([])
        let handler = ClosureBatchHandler(batchMax: 10) { events, context in
            sizes.withLock { $0.append(events.count) }
            return try self.listed(events, context)
        }
        let bench = try Bench(.listPublisher, .batch(handler))
        let tap = bench.broker.tap("list.updated")
        for number in 0..<25 {
            try await bench.broker.publish(Fixture.metadataUploaded(name: "image\(number)"))
        }
        try await bench.run { bench in try await bench.settled() }
        #expect(sizes.withLock { $0 } == [10, 10, 5])
        #expect(bench.broker.messages(in: tap).count == 3)
        #expect(bench.count(outcome: "done") == 25)
    }

    @Test("outcomes go to the events they belong to; a bad one does not reach the handler")
    func mixed() async throws {
        let handler = ClosureBatchHandler(batchMax: 10) { events, context in
            events.map { event in
                switch event.subject {
                case "good": .done([])
                case "bad":
                    .reject(Rejection(stage: .listPublisher, rule: "bad", message: "Bad."))
                default: .retry(after: nil, why: "busy")
                }
            }
        }
        let bench = try Bench(.listPublisher, .batch(handler))
        let rejected = bench.broker.tap("image.rejected")
        for name in ["good", "bad", "busy"] {
            try await bench.broker.publish(Fixture.metadataUploaded(name: name))
        }
        try await bench.broker.publish(
            .init(body: []), to: "", routingKey: Stage.listPublisher.queue)
        try await bench.run { bench in try await bench.settled() }
        #expect(try bench.broker.events(in: rejected).map(\.subject) == ["bad"])
        #expect(bench.broker.messages(in: "imprimatur.delay.10s").count == 1)
        #expect(bench.deadLetters().map(\.kind) == [.undecodable])
        for outcome in ["done", "rejected", "retried", "parked"] {
            #expect(bench.count(outcome: outcome) == 1, "\(outcome)")
        }
    }

    @Test("no input of a batch is acknowledged when one output is not confirmed")
    func allOrNone() async throws {
        let handler = ClosureBatchHandler(batchMax: 10) { events, context in
            try self.listed(events, context)
        }
        let bench = try Bench(.listPublisher, .batch(handler))
        bench.faulty.failPublishes([.denied])
        for number in 0..<3 {
            try await bench.broker.publish(Fixture.metadataUploaded(name: "image\(number)"))
        }
        await #expect(throws: BrokerError.denied("fault")) { try await bench.runToEnd() }
        bench.broker.expireDelays()
        #expect(bench.broker.messages(in: Stage.listPublisher.queue).count == 3)
    }

    @Test("a wrong number of outcomes is a fault of the program, not of the events")
    func wrongCount() async throws {
        let handler = ClosureBatchHandler(batchMax: 10) { _, _ in [] }
        let bench = try Bench(.listPublisher, .batch(handler))
        try await bench.broker.publish(Fixture.metadataUploaded())
        await #expect(throws: (any Error).self) { try await bench.runToEnd() }
        bench.broker.expireDelays()
        #expect(bench.broker.messages(in: Stage.listPublisher.queue).count == 1)
    }
}
