// SPDX-License-Identifier: Apache-2.0
public import AMQP
public import Logging
import Synchronization

/// RabbitMQ behind the seam: one connection for publishing, one per subscription, so that a
/// broker alarm, which blocks publishers, does not keep acknowledgements back.
public final class AMQPBroker: Broker {
    private let configuration: ConnectionConfiguration
    private let publisher: Publisher
    private let logger: Logger
    private let consumers = Mutex<[Consumer]>([])

    /// - Parameter name: shown by the broker's tools as the connections' name.
    public convenience init(_ settings: ConnectionSettings, name: String, logger: Logger) {
        self.init(settings.configuration(name: name), logger: logger)
    }

    public init(_ configuration: ConnectionConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        publisher = Publisher(configuration, logger: logger.about("publishing"))
    }

    /// A broker that is not there yet is waited for in the background.
    public func subscribe(
        to queue: String, prefetch: Int
    ) async throws(BrokerError) -> any Subscription {
        var options = Consumer.Options()
        options.prefetch = prefetch
        let consumer = Consumer(
            configuration, source: .queue(queue), options: options,
            logger: logger.about("consuming \(queue)"))
        do throws(AMQPError) {
            try await consumer.start()
        } catch {
            let reason = BrokerError(error)
            guard reason.disposition == .transient else {
                await consumer.close()
                throw reason
            }
            logger.warning(
                "not consuming yet; trying again", error: error, metadata: ["queue": "\(queue)"])
        }
        consumers.withLock { $0.append(consumer) }
        return AMQPSubscription(consumer)
    }

    public func publish(
        _ message: Message, to exchange: String, routingKey: String
    ) async throws(BrokerError) {
        do throws(AMQPError) {
            try await publisher.publish(message, exchange: exchange, routingKey: routingKey)
        } catch {
            throw BrokerError(error)
        }
    }

    public func close() async {
        for consumer in consumers.withLock({ $0 }) { await consumer.close() }
        await publisher.close()
    }
}

private final class AMQPSubscription: Subscription, @unchecked Sendable {
    // Sound: the iterator is the only mutable state, and the protocol gives it to one task at a
    // time.
    private let consumer: Consumer
    private var iterator: Deliveries.Iterator

    init(_ consumer: Consumer) {
        self.consumer = consumer
        iterator = consumer.deliveries.makeAsyncIterator()
    }

    func next(upTo countMax: Int) async -> [IncomingMessage] {
        await iterator.next(upTo: countMax).map { delivery in
            IncomingMessage(message: delivery.message, isRedelivered: delivery.isRedelivered) {
                (settlement) async throws(BrokerError) in
                do throws(AMQPError) {
                    switch settlement {
                    case .acknowledge: try delivery.ack()
                    case .giveBack: try delivery.nack(requeue: true)
                    }
                } catch {
                    throw BrokerError(error)
                }
            }
        }
    }

    func stop() async { await consumer.cancel() }
}

extension Logger {
    /// Tells the lines of one connection from those of another.
    fileprivate func about(_ connection: String) -> Logger {
        var logger = self
        logger[metadataKey: "connection"] = "\(connection)"
        return logger
    }
}
