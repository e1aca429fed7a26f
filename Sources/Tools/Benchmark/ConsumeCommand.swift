// SPDX-License-Identifier: Apache-2.0
import AMQP
import ArgumentParser

struct ConsumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consume", abstract: "Consumes and acknowledges: each, or so many at once.")

    @Argument var queue: String
    @Argument var count: Int
    @Argument var prefetch: Int
    @Argument var acknowledgeEvery: Int

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

struct OnceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "once", abstract: "Starts, consumes one message and exits.")

    @Argument var queue: String
    @Flag(help: "Say ready and stay, consuming, until killed.") var idle = false

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
