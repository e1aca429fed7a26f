// SPDX-License-Identifier: Apache-2.0
import AMQP
import BlobStore
import Events
import Foundation
import Logging
import Pipeline
import PipelineTesting
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// The contract, on both brokers, so that what the in-memory one proves holds for RabbitMQ too.
@Suite("Broker contract", .timeLimit(.minutes(5)))
struct BrokerContractTests {
    @Test("in memory")
    func inMemory() async throws {
        for index in 0..<9 {
            let broker = InMemoryBroker(topology: BrokerContract.topology)
            let contract = BrokerContract(broker) { broker.expireDelays() }
            try await run(contract, index)
            await broker.close()
        }
    }

    @Test("RabbitMQ")
    func rabbitMQ() async throws {
        let vhost = try await RabbitMQ.vhost(BrokerContract.topology)
        let broker = AMQPBroker(vhost, logger: RabbitMQ.logger)
        let contract = BrokerContract(broker)
        for index in contract.checks.indices { try await run(contract, index) }
        await broker.close()
    }

    private func run(_ contract: BrokerContract, _ index: Int) async throws {
        let check = contract.checks[index]
        do {
            try await check.run()
        } catch {
            Issue.record("\(check.name): \(error)")
        }
    }
}

enum RabbitMQ {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A virtual host of its own that holds `topology`.
    static func vhost(_ topology: Topology) async throws -> ConnectionConfiguration {
        let node = try await PrivateBroker.shared
        let configuration = ConnectionConfiguration(
            host: node.host, port: node.port, vhost: try await node.vhost(),
            credentials: .plain(user: node.user, password: node.password), name: "test")
        let administration = Administration(configuration)
        let findings = try await TopologyDeclaration(topology).declare(administration)
        #expect(findings.isEmpty)
        await administration.close()
        return configuration
    }
}

/// What a version with another way of images has left.
@Suite("Upgrade of a topology", .timeLimit(.minutes(2)))
struct TopologyUpgradeTests {
    @Test("A worker's queue loses the bindings to what the worker does not consume any more")
    func strayBindings() async throws {
        let configuration = try await RabbitMQ.vhost(Topology())
        let administration = Administration(configuration)
        try await administration.bind(
            queue: Stage.metadata.queue, exchange: Topology.events,
            routingKey: EventType.imageVerified.routingKey)
        #expect(try await TopologyDeclaration().declare(administration).isEmpty)
        let broker = AMQPBroker(configuration, logger: RabbitMQ.logger)
        for event in [Fixture.verified(), Fixture.scanned()] {
            try await broker.publish(
                try Message(event, appID: "test"), to: Topology.events,
                routingKey: event.type.routingKey)
        }
        try await eventually {
            try await administration.checkQueue(Stage.modifier.queue).messages == 1
        }
        // That of the scanned image, and only that.
        try await eventually {
            try await administration.checkQueue(Stage.metadata.queue).messages > 0
        }
        #expect(try await administration.checkQueue(Stage.metadata.queue).messages == 1)
        await broker.close()
        await administration.close()
    }
}

/// The runtime on RabbitMQ.
@Suite("Router on RabbitMQ", .timeLimit(.minutes(5)))
struct RouterOnRabbitMQTests {
    static let topology = Topology(delays: [RetryDelay(milliseconds: 200)])

    @Test("retried through a short delay, parked after the last attempt, done otherwise")
    func roundTrip() async throws {
        let configuration = try await RabbitMQ.vhost(Self.topology)
        let broker = AMQPBroker(configuration, logger: RabbitMQ.logger)
        let attempts = Mutex<[String: [Int]]>([:])
        let handler = ClosureHandler { event, context in
            let count = attempts.withLock { attempts in
                attempts[event.subject, default: []].append(context.attempt)
                return attempts[event.subject, default: []].count
            }
            if event.subject == "broken" || count < 3 {
                throw Trouble(disposition: .transient, description: "try \(count)")
            }
            return try await building.handle(event, context)
        }
        try await withRouter(.metadata, handler, broker) {
            for name in ["good", "broken"] {
                try await broker.publish(
                    try Message(Fixture.scanned(name: name), appID: "test"), to: Topology.events,
                    routingKey: "image.scanned")
            }
            let built = try await take(broker, Stage.signer.queue)
            let event = try Event(decoding: built.body)
            #expect(event.subject == "good")
            #expect(
                built.properties.messageID
                    == DerivedIdentifier.event(
                        from: Fixture.scanned(name: "good").id, type: .metadataBuilt))
            let dead = DeadLetter(try await take(broker, Topology.dead))
            #expect(dead.kind == .attemptsExhausted)
            #expect(dead.reason == "try 4")
            #expect(dead.attempts == 4)
            #expect(dead.queue == "imprimatur.metadata")
            #expect(dead.message.body == (try Fixture.scanned(name: "broken").encoded()))
            #expect(dead.restored.properties.headers.isEmpty)
        }
        #expect(attempts.withLock { $0["broken"] } == [1, 2, 3, 4])
        await broker.close()
    }

    @Test("two hundred events with two workers: each handled, none left, all ids derived")
    func throughput() async throws {
        let configuration = try await RabbitMQ.vhost(Self.topology)
        let brokers = (0..<2).map { _ in AMQPBroker(configuration, logger: RabbitMQ.logger) }
        let count = 200
        let names = (0..<count).map { "image\($0)" }
        try await withRouter(.metadata, building, brokers[0]) {
            try await withRouter(.metadata, building, brokers[1]) {
                for name in names {
                    try await brokers[0].publish(
                        try Message(Fixture.scanned(name: name), appID: "test"),
                        to: Topology.events, routingKey: "image.scanned")
                }
                let subscription = try await brokers[1].subscribe(
                    to: Stage.signer.queue, prefetch: 64)
                var ids: Set<String> = []
                while ids.count < count {
                    for incoming in await subscription.next(upTo: 64) {
                        ids.insert(incoming.message.properties.messageID ?? "")
                        try await incoming.settle(.acknowledge)
                    }
                }
                await subscription.stop()
                #expect(
                    ids
                        == Set(
                            names.map {
                                DerivedIdentifier.event(
                                    from: Fixture.scanned(name: $0).id, type: .metadataBuilt)
                            }))
            }
        }
        let administration = Administration(configuration)
        try await eventually(timeout: .seconds(40)) {
            try await administration.checkQueue(Stage.metadata.queue).messages == 0
        }
        await administration.close()
        for broker in brokers { await broker.close() }
    }

    @Test("the topology is declared once, checked, and its differences are named")
    func topology() async throws {
        let configuration = try await RabbitMQ.vhost(Self.topology)
        let administration = Administration(configuration)
        let same = TopologyDeclaration(Self.topology)
        #expect(try await same.check(administration).isEmpty)
        #expect(try await same.declare(administration).isEmpty)
        let missing = try await TopologyDeclaration(
            Topology(delays: [RetryDelay(milliseconds: 200)], sites: ["north"])
        ).check(administration)
        #expect(missing.map(\.description) == ["queue imprimatur.site.north: is missing"])
        var changed = Self.topology
        changed.exchanges[1].kind = .direct
        let index = try #require(
            changed.queues.firstIndex { $0.name == "imprimatur.delay.200ms" })
        changed.queues[index].arguments["x-message-ttl"] = .integer(300)
        let other = try await TopologyDeclaration(changed).check(administration)
        #expect(other.map(\.name) == ["imprimatur.unrouted", "imprimatur.delay.200ms"])
        #expect(other.allSatisfy { $0.reason.contains("has other properties") })
        await administration.close()
    }

    @Test("a worker without its queue says so and stops")
    func noQueue() async throws {
        let node = try await PrivateBroker.shared
        let configuration = ConnectionConfiguration(
            host: node.host, port: node.port, vhost: try await node.vhost(),
            credentials: .plain(user: node.user, password: node.password), name: "test")
        let broker = AMQPBroker(configuration, logger: RabbitMQ.logger)
        let error = await #expect(throws: BrokerError.self) {
            try await withRouter(.metadata, building, broker) {
                try await ContinuousClock().sleep(for: .seconds(30))
            }
        }
        #expect(error?.disposition == .fatal)
        #expect(error?.description.contains("imprimatur.metadata") == true)
        await broker.close()
    }

    private func withRouter(
        _ stage: Stage, _ handler: some Handler, _ broker: any Broker,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory(inMemory: true)
        let router = Router(
            stage: stage, handler: handler, broker: broker,
            store: try BlobStore(directory: directory.path),
            options: RouterOptions(
                retry: RetryPolicy(ladder: [RetryDelay(milliseconds: 200)], attemptMax: 4)),
            logger: RabbitMQ.logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: router, successTerminationBehavior: .gracefullyShutdownGroup)
                ], logger: RabbitMQ.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                try await body()
                await group.triggerGracefulShutdown()
            }
            // Throws with the first failure and cancels the other.
            for try await _ in tasks {}
        }
    }

    private func take(_ broker: AMQPBroker, _ queue: String) async throws -> Message {
        let subscription = try await broker.subscribe(to: queue, prefetch: 1)
        let incoming = try #require(await subscription.next(upTo: 1).first)
        try await incoming.settle(.acknowledge)
        await subscription.stop()
        return incoming.message
    }
}

/// RabbitMQ's definitions file.
@Suite("Topology export")
struct TopologyDefinitionsTests {
    @Test("holds every exchange, queue and binding, the same bytes each time")
    func export() throws {
        let bytes = try TopologyDefinitions().encoded()
        #expect(bytes == (try TopologyDefinitions().encoded()))
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        let topology = Topology()
        func list(_ name: String) -> [JSONValue] {
            if case .array(let items)? = value[name] { items } else { [] }
        }
        #expect(list("exchanges").count == topology.exchanges.count)
        #expect(list("queues").count == topology.queues.count)
        #expect(list("bindings").count == topology.bindings.count)
        #expect(list("vhosts") == [.object(["name": .string("imprimatur")])])
        let queue = list("queues").first { $0["name"]?.string == "imprimatur.list-publisher" }
        #expect(queue?["arguments"]?["x-queue-type"] == .string("quorum"))
        #expect(queue?["arguments"]?["x-single-active-consumer"] == .boolean(true))
        let events = list("exchanges").first { $0["name"]?.string == "imprimatur.events" }
        #expect(events?["arguments"]?["alternate-exchange"] == .string("imprimatur.unrouted"))
    }
}
