// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Foundation
import Pipeline
import TestSupport
import Testing

/// Tests that share one broker. One at a time: each makes a dozen replicated queues, and many at
/// once would only wait for each other.
@Suite("With a broker", .serialized, .timeLimit(.minutes(5)))
enum BrokerTests {}

/// The built command, and a virtual host of its own to run it against.
struct Workbench: Sendable {
    let vhost: String
    let folder: TemporaryDirectory
    let environment: [String: String]
    let administration: Administration
    private let publisher: Publisher

    /// - Parameter hasTopology: whether the vhost gets the pipeline's exchanges and queues.
    init(hasTopology: Bool = true, sites: [String] = []) async throws {
        let broker = try await PrivateBroker.shared
        vhost = try await broker.vhost()
        folder = try TemporaryDirectory()
        environment = [
            "IMPRIMATUR_AMQP_URL": "amqp://\(broker.user)@127.0.0.1:\(broker.port)/\(vhost)",
            "IMPRIMATUR_AMQP_PASSWORD": broker.password,
        ]
        let configuration = try ConnectionConfiguration(url: broker.url(vhost: vhost))
        administration = Administration(configuration)
        publisher = Publisher(configuration)
        guard hasTopology else { return }
        let findings = try await TopologyDeclaration(Topology(sites: sites)).declare(administration)
        #expect(findings == [])
    }

    /// The product, or in a build of this target alone its executable.
    static func program() throws -> String {
        try builtProduct("imprimatur", "Control")
    }

    /// Runs the command to its end.
    func imprimatur(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String) {
        try await run(
            Self.program(), arguments,
            environment: self.environment.merging(environment) { $1 })
    }

    /// Starts the command; its output goes to a file.
    func start(_ arguments: String...) throws -> BackgroundProcess {
        try BackgroundProcess(
            Self.program(), arguments, environment: environment,
            output: folder.file("output-\(UUID().uuidString)"))
    }

    func publish(_ event: Event) async throws {
        try await publisher.publish(
            try Message(event, appID: "test"), exchange: Topology.events,
            routingKey: event.type.routingKey)
    }

    func publish(_ message: Message, exchange: String, routingKey: String) async throws {
        try await publisher.publish(message, exchange: exchange, routingKey: routingKey)
    }

    /// A message as a worker parks it.
    func park(
        _ event: Event, by stage: Stage, why: String = "connection refused", attempts: Int64 = 8
    ) async throws {
        var message = try Message(event, appID: "imprimatur-\(stage.rawValue)")
        message.properties.headers = [
            MessageHeader.attempt: .integer(attempts), MessageHeader.error: .string(why),
            MessageHeader.errorKind: .string(DeadLetter.Kind.attemptsExhausted.rawValue),
            MessageHeader.worker: .string(stage.rawValue),
            MessageHeader.queue: .string(stage.queue),
            MessageHeader.firstTime: .string("2026-03-02T09:30:00Z"),
            MessageHeader.lastTime: .string("2026-03-02T11:30:00Z"),
        ]
        try await publish(message, exchange: Topology.dead, routingKey: stage.rawValue)
    }

    /// Takes the next message out of a queue, waiting for it.
    func take(from queue: String) async throws -> Message {
        let fetched = try await eventually(timeout: .seconds(60), "a message in \(queue)") {
            try await administration.get(from: queue)
        }
        try fetched.delivery.ack()
        return fetched.delivery.message
    }

    static func object(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    func count(of queue: String) async throws -> Int {
        try await administration.checkQueue(queue).messages
    }
}

extension String {
    var lines: [String] { split(separator: "\n").map(String.init) }

    /// The first line that is a publication's id.
    var publicationID: String? { lines.first { UUID(uuidString: $0) != nil } }
}
