// SPDX-License-Identifier: Apache-2.0
import AMQP
import ArgumentParser

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Confirmed publishes of 1 KiB, so many outstanding.")

    @Argument var queue: String
    @Argument var count: Int
    @Argument var window: Int

    func run() async throws {
        var options = Publisher.Options()
        options.window = window
        options.confirmTimeout = .seconds(300)
        let publisher = Publisher(try Broker.configuration("publish"), options: options)
        try await publisher.connect()
        let publications = Broker.publications(count, to: queue)
        let stopwatch = Stopwatch()
        try Broker.check(await publisher.publish(publications))
        printFigures([
            "rate": Double(count) / stopwatch.seconds,
            "cpu_us": stopwatch.cpuSeconds * 1e6 / Double(count),
        ])
        await publisher.close()
    }
}
