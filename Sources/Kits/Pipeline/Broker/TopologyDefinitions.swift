// SPDX-License-Identifier: Apache-2.0
public import Events
import FoundationEssentials

/// The topology as RabbitMQ's definitions file, for `load_definitions` or `rabbitmqctl
/// import_definitions` (https://www.rabbitmq.com/docs/definitions).
public struct TopologyDefinitions: Sendable {
    public let topology: Topology
    public let vhost: String

    public init(_ topology: Topology = Topology(), vhost: String = "imprimatur") {
        self.topology = topology
        self.vhost = vhost
    }

    /// Indented JSON with sorted members and a final line end: equal topologies give equal bytes.
    public func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    private var value: JSONValue {
        .object([
            "vhosts": .array([.object(["name": .string(vhost)])]),
            "exchanges": .array(topology.exchanges.map(exchange)),
            "queues": .array(topology.queues.map(queue)),
            "bindings": .array(topology.bindings.map(binding)),
        ])
    }

    private func exchange(_ exchange: Topology.Exchange) -> JSONValue {
        .object([
            "name": .string(exchange.name), "vhost": .string(vhost),
            "type": .string(exchange.kind.rawValue), "durable": .boolean(true),
            "auto_delete": .boolean(false), "internal": .boolean(false),
            "arguments": .object(exchange.allArguments.mapValues(\.json)),
        ])
    }

    private func queue(_ queue: Topology.Queue) -> JSONValue {
        .object([
            "name": .string(queue.name), "vhost": .string(vhost), "durable": .boolean(true),
            "auto_delete": .boolean(false),
            "arguments": .object(queue.allArguments.mapValues(\.json)),
        ])
    }

    private func binding(_ binding: Topology.Binding) -> JSONValue {
        .object([
            "source": .string(binding.exchange), "vhost": .string(vhost),
            "destination": .string(binding.queue), "destination_type": .string("queue"),
            "routing_key": .string(binding.routingKey), "arguments": .object([:]),
        ])
    }
}
