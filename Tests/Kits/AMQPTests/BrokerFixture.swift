// SPDX-License-Identifier: Apache-2.0
import AMQP
import Foundation
import Logging
import Synchronization
import TestSupport

/// A virtual host of a test's own on a real node, with a connection to look into it.
struct BrokerFixture {
    let broker: PrivateBroker
    let configuration: ConnectionConfiguration
    let administration: Administration

    init(on broker: PrivateBroker? = nil, heartbeat: Duration = .seconds(10)) async throws {
        if let broker {
            self.broker = broker
        } else {
            self.broker = try await PrivateBroker.shared
        }
        var configuration = ConnectionConfiguration(
            host: "localhost", port: self.broker.port, vhost: try await self.broker.vhost(),
            credentials: .plain(user: self.broker.user, password: self.broker.password),
            name: "test")
        configuration.heartbeat = heartbeat
        configuration.backoff = Backoff(initial: .milliseconds(50), max: .milliseconds(500))
        self.configuration = configuration
        administration = Administration(configuration)
    }

    /// A durable quorum queue, as the pipeline has them.
    @discardableResult
    func queue(_ name: String, _ arguments: [String: FieldValue] = [:]) async throws -> String {
        let quorum: [String: FieldValue] = ["x-queue-type": "quorum"]
        try await administration.declareQueue(name, arguments: quorum.merging(arguments) { $1 })
        return name
    }

    func publisher(
        states: States? = nil, _ change: (inout Publisher.Options) -> Void = { _ in }
    ) -> Publisher {
        var options = Publisher.Options()
        change(&options)
        return Publisher(
            configuration, options: options, logger: quiet, onStateChange: { states?.add($0) })
    }

    func consumer(
        of queue: String, states: States? = nil,
        _ change: (inout Consumer.Options) -> Void = { _ in }
    ) -> Consumer {
        var options = Consumer.Options()
        change(&options)
        return Consumer(
            configuration, source: .queue(queue), options: options,
            logger: quiet, onStateChange: { states?.add($0) })
    }

    func messages(in queue: String) async throws -> Int {
        try await administration.checkQueue(queue).messages
    }

    /// How often each body has come, acknowledged, until all of `expected` are there.
    func collect(
        _ expected: Set<String>, from consumer: Consumer
    ) async throws -> [String: Int] {
        var seen: [String: Int] = [:]
        for await delivery in consumer.deliveries {
            seen[delivery.text, default: 0] += 1
            try? delivery.ack()
            if expected.isSubset(of: seen.keys) { break }
        }
        return seen
    }
}

/// A test says what it expects; the rest is noise.
let quiet: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

/// The states a publisher or consumer went through.
final class States: Sendable {
    private let all = Mutex<[ConnectionState]>([])

    func add(_ state: ConnectionState) { all.withLock { $0.append(state) } }
    func contains(where condition: (ConnectionState) -> Bool) -> Bool {
        all.withLock { $0.contains(where: condition) }
    }
    func clear() { all.withLock { $0 = [] } }
}

extension Message {
    init(_ text: String, id: String? = nil) {
        self.init(body: Array(text.utf8))
        properties.messageID = id ?? text
    }
}

extension Delivery {
    var text: String { String(decoding: message.body, as: UTF8.self) }
}

extension AMQPError {
    var replyCode: Int? {
        switch self {
        case .channelClosed(let exception), .connectionClosed(let exception),
            .loginRefused(let exception):
            exception.replyCode
        case .unroutable(let returned): returned.replyCode
        default: nil
        }
    }
}

/// The typed error that `body` throws, or nil.
func amqpError(_ body: () async throws(AMQPError) -> Void) async -> AMQPError? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}
