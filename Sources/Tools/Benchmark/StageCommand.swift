// SPDX-License-Identifier: Apache-2.0
import AMQP

/// Consumes, publishes, awaits the confirm, acknowledges; pipelined.
struct StageCommand: MeasuredCommand {
    static let name = "stage"
    static let usage = "FROM TO COUNT PREFETCH"

    private let from: String
    private let to: String
    private let count: Int
    private let prefetch: Int

    init(_ arguments: inout Arguments) throws {
        from = try arguments.text()
        to = try arguments.text()
        count = try arguments.number()
        prefetch = try arguments.number()
    }

    func run() async throws {
        var options = Consumer.Options()
        options.prefetch = prefetch
        let consumer = Consumer(
            try Broker.configuration("stage"), source: .queue(from), options: options)
        let publisher = Publisher(try Broker.configuration("stage"))
        try await publisher.connect()
        let stopwatch = Stopwatch()
        var deliveries = consumer.deliveries.makeAsyncIterator()
        try await withThrowingTaskGroup(of: Void.self) { group in
            var received = 0
            while received < count {
                let batch = await deliveries.next(upTo: count - received)
                received += batch.count
                group.addTask { try await pass(batch, to: publisher) }
            }
            try await group.waitForAll()
        }
        printFigures([
            "rate": Double(count) / stopwatch.seconds,
            "cpu_us": stopwatch.cpuSeconds * 1e6 / Double(count),
        ])
        await consumer.close()
        await publisher.close()
    }

    private func pass(_ batch: [Delivery], to publisher: Publisher) async throws {
        let publications = batch.map {
            Publication($0.message, exchange: "", routingKey: to)
        }
        try Broker.check(await publisher.publish(publications))
        for delivery in batch { try delivery.ack() }
    }
}

/// One message in flight: publish, receive, publish again, have it confirmed.
struct LatencyCommand: MeasuredCommand {
    static let name = "latency"
    static let usage = "FROM TO COUNT"

    private let from: String
    private let to: String
    private let count: Int

    init(_ arguments: inout Arguments) throws {
        from = try arguments.text()
        to = try arguments.text()
        count = try arguments.number()
    }

    func run() async throws {
        let consumer = Consumer(
            try Broker.configuration("latency"), source: .queue(from))
        let producer = Publisher(try Broker.configuration("latency"))
        let publisher = Publisher(try Broker.configuration("latency"))
        try await producer.connect()
        try await publisher.connect()
        try await consumer.start()
        var deliveries = consumer.deliveries.makeAsyncIterator()
        var took: [Double] = []
        for _ in 0..<count {
            let began = ContinuousClock.now
            producer.post(Publication(Broker.message, exchange: "", routingKey: from))
            guard let delivery = await deliveries.next() else {
                throw BenchmarkError(reason: "the consumer ended")
            }
            try await publisher.publish(delivery.message, exchange: "", routingKey: to)
            took.append((ContinuousClock.now - began) / .milliseconds(1))
            try delivery.ack()
        }
        took.sort()
        printFigures(["p50_ms": took[count / 2], "p99_ms": took[count * 99 / 100]])
        await consumer.close()
        await producer.close()
        await publisher.close()
    }
}
