// SPDX-License-Identifier: Apache-2.0
import AMQP

/// Consumes and acknowledges: each, or so many at once.
struct ConsumeCommand: MeasuredCommand {
    static let name = "consume"
    static let usage = "QUEUE COUNT PREFETCH ACKNOWLEDGE-EVERY"

    private let queue: String
    private let count: Int
    private let prefetch: Int
    private let acknowledgeEvery: Int

    init(_ arguments: inout Arguments) throws {
        queue = try arguments.text()
        count = try arguments.number()
        prefetch = try arguments.number()
        acknowledgeEvery = try arguments.number()
    }

    func run() async throws {
        var options = Consumer.Options()
        options.prefetch = prefetch
        if acknowledgeEvery > 1 { options.acknowledgement = .coalesced(acknowledgeEvery) }
        let stopwatch = Stopwatch()
        let consumer = Consumer(
            try Broker.configuration("consume"), source: .queue(queue), options: options)
        var deliveries = consumer.deliveries.makeAsyncIterator()
        var received = 0
        while received < count {
            for delivery in await deliveries.next(upTo: count - received) {
                try delivery.ack()
                received += 1
            }
        }
        let cpuSeconds = stopwatch.cpuSeconds
        await consumer.close()
        printFigures([
            "rate": Double(count) / stopwatch.seconds,
            "cpu_us": cpuSeconds * 1e6 / Double(count),
        ])
    }
}

/// Starts, consumes one message and exits.
struct OnceCommand: MeasuredCommand {
    static let name = "once"
    static let usage = "QUEUE [--idle]"

    private let queue: String
    private let idle: Bool

    init(_ arguments: inout Arguments) throws {
        queue = try arguments.text()
        idle = arguments.rest() == ["--idle"]
    }

    func run() async throws {
        let consumer = Consumer(
            try Broker.configuration("once"), source: .queue(queue))
        try await consumer.start()
        if idle { print("ready") }
        for await delivery in consumer.deliveries {
            try delivery.ack()
            if !idle { break }
        }
        await consumer.close()
    }
}
