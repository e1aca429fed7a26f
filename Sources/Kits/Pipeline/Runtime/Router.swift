// SPDX-License-Identifier: Apache-2.0
public import Attestation
public import BlobStore
public import CoreMetrics
public import Events
public import Logging
public import ServiceLifecycle
import Synchronization

/// Carries a stage's events: consumes its queue, decodes, calls the handler, publishes what
/// follows, awaits the confirms and only then acknowledges.
///
/// The way of one event is ``work(on:)``. Handlers run at once up to
/// ``RouterOptions/concurrency``; a handler's slot is free again while its outputs wait for their
/// confirms, so that publishing is pipelined up to the prefetch.
public final class Router: Service {
    /// Handlers past their deadline are looked for this often.
    static let watchInterval = Duration.seconds(1)
    /// Time for cancelled handlers to give their events back before the connection closes.
    static let settleLimit = Duration.seconds(5)

    /// Longest pause before events go back because the broker did not take what follows from them.
    static let giveBackPause = Duration.seconds(10)

    let stage: Stage
    let store: BlobStore
    let options: RouterOptions
    let attestor: Attestor?
    let logger: Logger
    let clock: any Clock<Duration>
    let job: Job
    let broker: any Broker
    let outbox: Outbox
    let progress: ProgressFeed
    let resolver: Resolver
    let metrics: StageMetrics
    let inFlight = InFlight()
    let slots: Slots
    let isStopping = Atomic(false)
    private let fatal = Mutex<(any Error)?>(nil)
    private let end: AsyncStream<Never>
    private let endNow: AsyncStream<Never>.Continuation

    /// A handler of either kind.
    enum Job: Sendable {
        case single(any Handler)
        case batch(any BatchHandler)
    }

    /// - Parameters:
    ///   - attestor: lent to the handler's context; nil when the stage does not attest.
    ///   - factory: where counters go; the process-wide one by default.
    ///   - clock: measures pauses and the grace time.
    public convenience init(
        stage: Stage, handler: some Handler, broker: any Broker, store: BlobStore,
        options: RouterOptions = RouterOptions(), attestor: Attestor? = nil, logger: Logger,
        factory: any MetricsFactory = MetricsSystem.factory,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.init(
            stage, .single(handler), broker, store, options, attestor, logger, factory, clock)
    }

    public convenience init(
        stage: Stage, batchHandler: some BatchHandler, broker: any Broker, store: BlobStore,
        options: RouterOptions = RouterOptions(), attestor: Attestor? = nil, logger: Logger,
        factory: any MetricsFactory = MetricsSystem.factory,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.init(
            stage, .batch(batchHandler), broker, store, options, attestor, logger, factory, clock)
    }

    private init(
        _ stage: Stage, _ job: Job, _ broker: any Broker, _ store: BlobStore,
        _ options: RouterOptions, _ attestor: Attestor?, _ logger: Logger,
        _ factory: any MetricsFactory,
        _ clock: any Clock<Duration>
    ) {
        self.stage = stage
        self.job = job
        self.broker = broker
        self.store = store
        self.options = options
        self.attestor = attestor
        self.clock = clock
        self.logger = logger
        outbox = Outbox(broker: broker, clock: clock)
        progress = ProgressFeed(broker: broker, stage: stage)
        resolver = Resolver(stage: stage, retry: options.retry)
        metrics = StageMetrics(stage, factory: factory)
        slots = Slots(options.concurrency)
        (end, endNow) = AsyncStream.makeStream()
    }

    /// Works until shutdown, cancellation or a fatal error; running handlers end first, within
    /// the grace time. The broker stays open: closing it gives back what is still unsettled.
    ///
    /// - Throws: the fatal error that stopped the worker.
    public func run() async throws {
        let subscription = try await broker.subscribe(to: stage.queue, prefetch: prefetch)
        logger.info("consuming", metadata: ["queue": "\(stage.queue)"])
        let consuming = Task {
            await self.consume(subscription)
            stop()
        }
        let watching = Task { await self.watchDeadlines() }
        let reporting = Task { await self.progress.run() }
        await withGracefulShutdownHandler {
            for await _ in end {}
        } onGracefulShutdown: {
            self.stop()
        }
        stop()
        let grace = Task.isCancelled ? .zero : options.grace
        // In a task of its own, since a cancelled one cannot wait.
        await Task {
            await subscription.stop()
            await self.drain(grace, consuming)
        }.value
        watching.cancel()
        reporting.cancel()
        if let error = fatal.withLock({ $0 }) { throw error }
    }

    /// Begins the end: nothing more is handled, what waits for a slot is given back.
    private func stop() {
        isStopping.store(true, ordering: .releasing)
        slots.open()
        endNow.finish()
    }

    private var prefetch: Int {
        switch job {
        case .single: options.prefetch
        case .batch(let handler): max(options.prefetch, handler.batchMax)
        }
    }

    private func consume(_ subscription: any Subscription) async {
        switch job {
        case .single:
            while let incoming = await subscription.next(upTo: 1).first {
                await slots.acquire()
                start([incoming])
            }
        case .batch(let handler):
            // One batch at a time; what arrives meanwhile makes the next.
            while true {
                let batch = await subscription.next(upTo: max(handler.batchMax, 1))
                guard !batch.isEmpty else { return }
                await slots.acquire()
                await start(batch).value
            }
        }
    }

    /// Works on a batch (of one, for a handler of single events) in a task of its own, which
    /// outlives consuming.
    @discardableResult
    private func start(_ batch: [IncomingMessage]) -> Task<Void, Never> {
        let id = inFlight.begin(deadline: .now.advanced(by: options.deadline))
        return Task {
            defer { inFlight.end(id) }
            guard let error = await self.work(on: batch, id) else { return }
            fatal.withLock { $0 = $0 ?? error }
            stop()
        }
    }

    /// Waits for running handlers, cancels them when the grace time is over, and leaves those
    /// that ignore it.
    private func drain(_ grace: Duration, _ consuming: Task<Void, Never>) async {
        if !(await inFlight.empties(within: grace, clock: clock)) {
            logger.warning("handlers still run at the end of the grace time; giving events back")
            inFlight.cancelAll()
            guard await inFlight.empties(within: Self.settleLimit, clock: clock) else {
                logger.error("handlers ignore their cancellation; leaving them")
                return
            }
        }
        await consuming.value
        // What consuming had in hand when it ended is being given back.
        _ = await inFlight.empties(within: Self.settleLimit, clock: clock)
    }

    private func watchDeadlines() async {
        let interval = min(Self.watchInterval, options.deadline / 2)
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            inFlight.cancelOverdue(now: .now)
        }
    }
}
