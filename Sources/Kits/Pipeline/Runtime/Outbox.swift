// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Logging

/// Publishes with patience: an unknown outcome is published again under the same id.
struct Outbox: Sendable {
    /// Tries of one message, about half a minute in all.
    static let triesMax = 10

    struct Item: Sendable {
        var message: Message
        var exchange: String
        var routingKey: String
    }

    let broker: any Broker
    let clock: any Clock<Duration>

    /// Returns when each item is confirmed; several are pipelined.
    func publish(_ items: [Item], logger: Logger) async throws(BrokerError) {
        guard items.count > 1 else {
            if let item = items.first { try await publish(item, logger: logger) }
            return
        }
        let failure = await withTaskGroup(of: BrokerError?.self) { group in
            for item in items {
                group.addTask {
                    do throws(BrokerError) {
                        try await publish(item, logger: logger)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var failure: BrokerError?
            for await error in group { failure = failure ?? error }
            return failure
        }
        if let failure { throw failure }
    }

    private func publish(_ item: Item, logger: Logger) async throws(BrokerError) {
        let backoff = Backoff(initial: .milliseconds(100), max: .seconds(10))
        var generator = SystemRandomNumberGenerator()
        var tries = 1
        while true {
            do throws(BrokerError) {
                return try await broker.publish(
                    item.message, to: item.exchange, routingKey: item.routingKey)
            } catch {
                switch error {
                case .unavailable, .outcomeUnknown, .refused:
                    guard tries < Self.triesMax else { throw error }
                case .unroutable, .denied, .closed: throw error
                }
                logger.warning(
                    "publishing again", error: error, metadata: ["try": "\(tries)"])
                tries += 1
            }
            let pause = backoff.pause(beforeAttempt: tries - 1, using: &generator)
            try? await clock.sleep(for: pause)
        }
    }
}
