// SPDX-License-Identifier: Apache-2.0
import AMQP

/// Confirmed publishes of 1 KiB, so many outstanding.
struct PublishCommand: MeasuredCommand {
    static let name = "publish"
    static let usage = "QUEUE COUNT WINDOW"

    private let queue: String
    private let count: Int
    private let window: Int

    init(_ arguments: inout Arguments) throws {
        queue = try arguments.text()
        count = try arguments.number()
        window = try arguments.number()
    }

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
