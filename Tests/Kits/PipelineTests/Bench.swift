// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import InMemoryLogging
import Logging
import MetricsTestKit
import Pipeline
import PipelineTesting
import ServiceLifecycle
import TestSupport

/// A worker on an in-memory broker, with its logs and metrics at hand.
struct Bench: Sendable {
    let stage: Stage
    let broker: InMemoryBroker
    let faulty: FaultyBroker
    let log: InMemoryLogHandler
    let metrics: TestMetrics
    private let group: ServiceGroup
    private let directory: TemporaryDirectory

    enum Job: Sendable {
        case single(any Handler)
        case batch(any BatchHandler)
    }

    init(
        _ stage: Stage, _ job: Job, options: RouterOptions = .quick,
        clock: any Clock<Duration> = ImpatientClock()
    ) throws {
        self.stage = stage
        broker = InMemoryBroker()
        faulty = FaultyBroker(broker)
        log = InMemoryLogHandler()
        metrics = TestMetrics()
        directory = try TemporaryDirectory(inMemory: true)
        let logger = Logger(label: "bench") { [log] _ in log }
        let store = try BlobStore(directory: directory.path)
        let router: Router =
            switch job {
            case .single(let handler):
                Router(
                    stage: stage, handler: handler, broker: faulty, store: store,
                    options: options, logger: logger, factory: metrics, clock: clock)
            case .batch(let handler):
                Router(
                    stage: stage, batchHandler: handler, broker: faulty, store: store,
                    options: options, logger: logger, factory: metrics, clock: clock)
            }
        group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: router, successTerminationBehavior: .gracefullyShutdownGroup)
                ],
                logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Runs the worker while `body` looks on, then shuts it down and waits for its end.
    func run(_ body: (Bench) async throws -> Void) async throws {
        let running = Task { try await group.run() }
        do {
            try await body(self)
        } catch {
            await shutDown()
            _ = await running.result
            throw error
        }
        await shutDown()
        try await running.value
    }

    func shutDown() async { await group.triggerGracefulShutdown() }

    /// Runs until the worker ends by itself.
    func runToEnd() async throws { try await group.run() }

    /// Waits until the stage's queue is empty and nothing is unsettled.
    func settled() async throws {
        try await eventually(timeout: .seconds(40), "the queue is worked off") {
            broker.messages(in: stage.queue).isEmpty && broker.unsettled(in: stage.queue) == 0
        }
    }

    func count(_ name: String, _ dimensions: [(String, String)] = []) -> Int64 {
        let label = "imprimatur_\(stage.rawValue.replacing("-", with: "_"))_\(name)"
        return metrics.counterTotal(label: label, dimensions: dimensions)
    }

    func count(outcome: String) -> Int64 { count("events", [("outcome", outcome)]) }

    func lines(_ message: String) -> [InMemoryLogHandler.Entry] {
        log.entries.filter { "\($0.message)" == message }
    }

    func deadLetters() -> [DeadLetter] {
        broker.messages(in: Topology.dead).map { DeadLetter($0) }
    }
}

/// A clock fifty times as fast as others, for tests in which the waiting itself is no matter.
struct ImpatientClock: Clock {
    typealias Instant = ContinuousClock.Instant
    var now: Instant { .now }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(for: ContinuousClock.now.duration(to: deadline) / 50)
    }
}

extension RouterOptions {
    static let quick = RouterOptions(
        concurrency: 2, retry: RetryPolicy(attemptMax: 3), deadline: .seconds(60),
        grace: .seconds(500))
}

/// A handler made of a closure.
struct ClosureHandler: Handler {
    let body: @Sendable (Event, HandlerContext) async throws -> Outcome

    init(_ body: @escaping @Sendable (Event, HandlerContext) async throws -> Outcome) {
        self.body = body
    }

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        try await body(event, context)
    }
}

struct ClosureBatchHandler: BatchHandler {
    let batchMax: Int
    let body: @Sendable ([Event], HandlerContext) async throws -> [Outcome]

    func handle(_ events: [Event], _ context: HandlerContext) async throws -> [Outcome] {
        try await body(events, context)
    }
}

/// An error that says what it means.
struct Trouble: Error, Disposed, CustomStringConvertible {
    var disposition: Disposition
    var description: String
}

/// Does the stage's job with a stand-in section, as the metadata worker would.
let building = ClosureHandler { event, context in
    let section = BuiltMetadata(
        document: Fixture.blob(of: Fixture.documentBytes), identifier: Fixture.identifier,
        filename: "cirros.xml")
    return .done([try context.emit(.metadataBuilt, from: event, adding: section)])
}
