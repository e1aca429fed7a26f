// SPDX-License-Identifier: Apache-2.0
public import AMQP
public import Events
import FoundationEssentials

/// Brings a broker's virtual host to the pipeline's topology, or says how it differs.
public struct TopologyDeclaration: Sendable {
    public let topology: Topology

    public init(_ topology: Topology = Topology()) {
        self.topology = topology
    }

    /// Something the virtual host lacks or has otherwise.
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        /// `exchange` or `queue`.
        public var kind: String
        public var name: String
        public var reason: String

        public var description: String { "\(kind) \(name): \(reason)" }
    }

    /// Declares every exchange, queue and binding, and removes bindings by which a worker would get
    /// what it does not consume. What is there already is left alone when it is the same.
    ///
    /// - Returns: what is there with other properties; a person has to delete it first, since it
    ///   may hold messages.
    public func declare(_ broker: Administration) async throws(AMQPError) -> [Finding] {
        var findings: [Finding] = []
        for exchange in topology.exchanges {
            try await note(&findings, "exchange", exchange.name) { () throws(AMQPError) in
                try await declare(exchange, broker)
            }
        }
        for queue in topology.queues {
            try await note(&findings, "queue", queue.name) { () throws(AMQPError) in
                try await declare(queue, broker)
            }
        }
        for binding in topology.bindings {
            try await broker.bind(
                queue: binding.queue, exchange: binding.exchange, routingKey: binding.routingKey)
        }
        for binding in topology.strayBindings {
            try await broker.unbind(
                queue: binding.queue, exchange: binding.exchange, routingKey: binding.routingKey)
        }
        return findings
    }

    /// Compares without creating anything. Bindings cannot be asked for over AMQP; `declare`
    /// makes them anew at no cost.
    public func check(_ broker: Administration) async throws(AMQPError) -> [Finding] {
        var findings: [Finding] = []
        for exchange in topology.exchanges {
            try await note(&findings, "exchange", exchange.name) { () throws(AMQPError) in
                try await broker.checkExchange(exchange.name)
                // It exists, so that declaring it only compares.
                try await declare(exchange, broker)
            }
        }
        for queue in topology.queues {
            try await note(&findings, "queue", queue.name) { () throws(AMQPError) in
                _ = try await broker.checkQueue(queue.name)
                try await declare(queue, broker)
            }
        }
        return findings
    }

    private func declare(
        _ exchange: Topology.Exchange, _ broker: Administration
    ) async throws(AMQPError) {
        try await broker.declareExchange(
            exchange.name, type: exchange.kind.rawValue, arguments: exchange.fields)
    }

    private func declare(
        _ queue: Topology.Queue, _ broker: Administration
    ) async throws(AMQPError) {
        try await broker.declareQueue(queue.name, arguments: queue.fields)
    }

    private func note(
        _ findings: inout [Finding], _ kind: String, _ name: String,
        _ body: () async throws(AMQPError) -> Void
    ) async throws(AMQPError) {
        do throws(AMQPError) {
            try await body()
        } catch .channelClosed(let exception)
            where exception.replyCode == BrokerException.notFound
        {
            findings.append(Finding(kind: kind, name: name, reason: "is missing"))
        } catch .channelClosed(let exception)
            where exception.replyCode == BrokerException.preconditionFailed
        {
            findings.append(
                Finding(
                    kind: kind, name: name,
                    reason: "has other properties: \(exception.replyText)"))
        }
    }
}

extension Topology.Argument {
    var field: FieldValue {
        switch self {
        case .string(let value): .string(value)
        case .integer(let value): .integer(value)
        case .boolean(let value): .boolean(value)
        }
    }

    var json: JSONValue {
        switch self {
        case .string(let value): .string(value)
        case .integer(let value): .integer(value)
        case .boolean(let value): .boolean(value)
        }
    }
}

extension Topology.Exchange {
    var allArguments: [String: Topology.Argument] {
        alternate.map { ["alternate-exchange": .string($0)] } ?? [:]
    }

    var fields: [String: FieldValue] { allArguments.mapValues(\.field) }
}

extension Topology.Queue {
    var allArguments: [String: Topology.Argument] {
        arguments.merging(["x-queue-type": .string(kind.rawValue)]) { $1 }
    }

    var fields: [String: FieldValue] { allArguments.mapValues(\.field) }
}
