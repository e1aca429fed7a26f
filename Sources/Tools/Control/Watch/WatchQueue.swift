// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import FoundationEssentials

/// A queue of the watcher's own that gets every event and every dead letter.
///
/// It outlives the connection for a while, so that a watcher that loses it misses nothing, and
/// ends by itself when the watcher does.
struct WatchQueue: Sendable {
    /// How long the queue waits for a watcher that has lost its connection.
    private static let expiryMilliseconds: Int64 = 120_000
    /// Messages it holds for a slow watcher before it drops the oldest.
    private static let lengthMax: Int64 = 100_000

    private let name: String
    private let administration: Administration
    private let consumer: Consumer

    /// Makes the queue: what is published after this returns will be seen.
    init(_ configuration: ConnectionConfiguration) async throws(AMQPError) {
        name = "imprimatur.watch.\(UUID().uuidString.lowercased())"
        administration = Administration(configuration, logger: ConnectionOptions.logger)
        consumer = Consumer(
            configuration, source: .queue(name), logger: ConnectionOptions.patientLogger)
        try await administration.declareQueue(
            name, isDurable: false,
            arguments: [
                "x-expires": .integer(Self.expiryMilliseconds),
                "x-max-length": .integer(Self.lengthMax),
            ])
        for exchange in [Topology.events, Topology.dead] {
            try await administration.bind(queue: name, exchange: exchange, routingKey: "#")
        }
        try await consumer.start()
    }

    /// Hands each sighting to `take`, in order, until it returns something or the task is
    /// cancelled.
    func first<Result: Sendable>(
        _ take: (Sighting) throws -> Result?
    ) async throws -> Result? {
        for await delivery in consumer.deliveries {
            // Nothing hangs on this copy: one that is lost comes again.
            try? delivery.ack()
            guard let sighting = Sighting(delivery.message, exchange: delivery.exchange),
                let result = try take(sighting)
            else { continue }
            return result
        }
        return nil
    }

    func close() async {
        await consumer.close()
        _ = try? await administration.deleteQueue(name)
        await administration.close()
    }
}
