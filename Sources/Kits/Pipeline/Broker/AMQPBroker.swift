// SPDX-License-Identifier: Apache-2.0
public import AMQP
public import Logging

/// RabbitMQ behind the seam: one connection for publishing, one per subscription, so that a
/// broker alarm, which blocks publishers, does not keep acknowledgements back.
public final class AMQPBroker: Broker {
    private let configuration: ConnectionConfiguration
    private let publisher: Publisher
    private let logger: Logger

    /// - Parameter name: shown by the broker's tools as the connection's name.
    public init(_ settings: ConnectionSettings, name: String, logger: Logger) {
        configuration = settings.configuration(name: name)
        self.logger = logger
        publisher = Publisher(configuration, logger: logger)
    }

    public init(_ configuration: ConnectionConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        publisher = Publisher(configuration, logger: logger)
    }

    public func subscribe(
        to queue: String, prefetch: Int
    ) async throws(BrokerError) -> any Subscription {
        throw .closed
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
        await publisher.close()
    }
}
