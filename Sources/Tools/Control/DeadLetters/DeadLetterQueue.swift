// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Logging
import Pipeline

/// The queue `imprimatur.dead`, read without taking anything out unless told to.
///
/// What was read and not taken goes back to its place in the queue with ``close()``.
struct DeadLetterQueue: Sendable {
    private let administration: Administration
    private let configuration: ConnectionConfiguration
    private let logger: Logger

    init(_ configuration: ConnectionConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        administration = Administration(configuration, logger: logger)
    }

    struct Item: Sendable {
        var letter: DeadLetter
        fileprivate var delivery: Delivery

        /// Its message-id; the words of a person cannot name a message that has none.
        var id: String? { letter.message.properties.messageID }
    }

    /// The first `limit` letters.
    ///
    /// - Parameter isWanted: called for each; those for which it is false are not kept.
    func read(
        limit: Int, where isWanted: (DeadLetter) -> Bool = { _ in true }
    ) async throws(AMQPError) -> [Item] {
        var items: [Item] = []
        for _ in 0..<limit {
            guard let fetched = try await administration.get(from: Topology.dead) else { break }
            let letter = DeadLetter(fetched.delivery.message)
            if isWanted(letter) { items.append(Item(letter: letter, delivery: fetched.delivery)) }
            if fetched.remaining == 0 { break }
        }
        return items
    }

    /// Publishes the message to where it was consumed from, without its past, and takes the
    /// letter out of the queue once the broker has confirmed that.
    ///
    /// - Returns: the queue it went to; nil when the letter does not say where it came from.
    func retry(_ item: Item) async throws(AMQPError) -> String? {
        guard let queue = item.letter.queue else { return nil }
        let publisher = Publisher(configuration, logger: logger)
        try await publisher.publish(item.letter.restored, exchange: "", routingKey: queue)
        await publisher.close()
        try item.delivery.ack()
        return queue
    }

    /// Takes the letter out for good.
    func discard(_ item: Item) throws(AMQPError) { try item.delivery.ack() }

    /// Writes what was decided and gives the rest back.
    func close() async { await administration.close() }
}
