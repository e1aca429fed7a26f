// SPDX-License-Identifier: Apache-2.0
import AMQP
import FoundationEssentials

/// The broker that the environment variable `AMQP_URL` names.
enum Broker {
    static func configuration(_ name: String) throws -> ConnectionConfiguration {
        guard let url = ProcessInfo.processInfo.environment["AMQP_URL"] else {
            throw BenchmarkError(reason: "the environment variable AMQP_URL is not set")
        }
        var configuration = try ConnectionConfiguration(url: url)
        configuration.name = "imprimatur-benchmark \(name)"
        configuration.backoff = Backoff(initial: .milliseconds(50), max: .milliseconds(500))
        return configuration
    }

    /// What every measured message is: 1 KiB of JSON's length, persistent.
    static var message: Message {
        var properties = Message.Properties()
        properties.contentType = "application/json"
        return Message(
            body: [UInt8](repeating: UInt8(ascii: "x"), count: 1024), properties: properties)
    }

    static func publications(_ count: Int, to queue: String) -> [Publication] {
        [Publication](
            repeating: Publication(message, exchange: "", routingKey: queue), count: count)
    }

    /// - Throws: the first error among a batch's.
    static func check(_ errors: [AMQPError?]) throws {
        if let error = errors.lazy.compactMap({ $0 }).first { throw error }
    }
}

/// Makes quorum queues of these names, empty.
struct QueueCommand: MeasuredCommand {
    static let name = "queue"
    static let usage = "NAME..."

    private let names: [String]

    init(_ arguments: inout Arguments) {
        names = arguments.rest()
    }

    func run() async throws {
        let administration = Administration(try Broker.configuration("queue"))
        for name in names {
            try await administration.deleteQueue(name)
            try await administration.declareQueue(
                name, arguments: ["x-queue-type": .string("quorum")])
        }
        await administration.close()
    }
}
