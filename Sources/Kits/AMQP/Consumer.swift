// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
public import Logging
internal import Threads

/// Receives from one queue over a connection of its own.
///
/// It reconnects and subscribes again by itself: after a lost connection, a channel exception, or
/// when the broker cancels the subscription because the queue was deleted. Heartbeats are served
/// whatever the receivers of deliveries do.
public actor Consumer {
    /// Where deliveries come from.
    public enum Source: Sendable, Hashable {
        case queue(String)
        /// An exclusive queue that the broker names and that ends with the connection, bound to
        /// these; made anew with each connection, so what is published meanwhile is missed.
        case temporary([Binding])

        public struct Binding: Sendable, Hashable {
            public var exchange: String
            public var routingKey: String

            public init(exchange: String, routingKey: String) {
                self.exchange = exchange
                self.routingKey = routingKey
            }
        }
    }

    public struct Options: Sendable {
        /// How many deliveries may be open at once, 1 to 65535.
        public var prefetch = 64
        public var acknowledgement = AckMode.each
        /// Of `basic.consume`: `x-priority`, `x-stream-offset`.
        public var arguments: [String: FieldValue] = [:]
        /// Refuses other consumers of the queue.
        public var isExclusive = false

        public init() {}
    }

    private nonisolated let executor: QueueExecutor
    private nonisolated let buffer = DeliveryBuffer()
    private nonisolated let report: StateReport
    private let configuration: ConnectionConfiguration
    private let source: Source
    private let options: Options
    private let logger: Logger
    private let settlements: Settlements

    private var connection: Connection?
    private var watch: SocketWatch?
    private var assembler = ContentAssembler()
    private var arrived: [Delivery] = []
    private var epoch: UInt64 = 0
    private var attempt = 0
    private var isRetryDue = false
    private var isSubscribed = false
    private var isEnded = false
    private var isClosed = false

    private static let ackPause = Duration.milliseconds(5)
    private static let prefetchMax = 65_535
    private static let tag = "consumer"

    /// Connects by ``start()``, or when ``deliveries`` is iterated.
    ///
    /// - Parameter onStateChange: called on the connection's queue: must return quickly.
    public init(
        _ configuration: ConnectionConfiguration, source: Source, options: Options = Options(),
        logger: Logger = Logger(label: "amqp.consumer"),
        onStateChange: @escaping @Sendable (ConnectionState) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.source = source
        self.options = options
        self.logger = logger
        report = StateReport(logger: logger, onChange: onStateChange)
        let executor = QueueExecutor(label: "amqp.consumer")
        self.executor = executor
        let owner = WeakConsumer()
        settlements = Settlements(mode: options.acknowledgement, prefetch: options.prefetch) {
            owner.wake(after: $0 ? Self.ackPause : .zero, on: executor.queue)
        }
        owner.set(self)
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    public nonisolated var state: ConnectionState { report.current }

    public nonisolated var deliveries: Deliveries {
        let executor = executor
        return Deliveries(buffer: buffer) { [weak self] in
            guard let consumer = self else { return }
            executor.queue.async { consumer.assumeIsolated { $0.startInBackground() } }
        }
    }

    /// Connects and subscribes now, once.
    ///
    /// - Throws: why it did not work; nothing is tried again until the next call or iteration.
    public func start() throws(AMQPError) {
        guard !isEnded else { throw .closed }
        guard !isSubscribed else { return }
        report.set(.connecting)
        do {
            if connection == nil { try open() }
            try subscribe()
        } catch {
            drop(error)
            throw error
        }
    }

    /// Stops the subscription. Deliveries that nobody took go back to the queue and ``deliveries``
    /// ends; those taken can still be settled until ``close()``.
    public func cancel() {
        guard !isEnded else { return }
        isEnded = true
        if isSubscribed, let connection {
            isSubscribed = false
            do {
                try connection.cancelConsumer(Self.tag)
                try receive(connection, isThorough: true)
            } catch {
                drop(error)
            }
        }
        // A delivery that is lost has gone back already.
        for delivery in buffer.end() { try? delivery.nack(requeue: true) }
        writeSettlements()
    }

    /// ``cancel()``, writes what was settled and closes the connection. What is still open goes
    /// back to the queue.
    public func close() {
        guard !isClosed else { return }
        cancel()
        isClosed = true
        writeSettlements()
        watch = nil
        connection?.close()
        connection = nil
        settlements.beginEpoch()
        report.set(.closed)
    }

    // MARK: on the queue

    private func startInBackground() {
        guard connection == nil else { return }
        retry(after: .zero)
    }

    fileprivate func writeSettlements() {
        let due = settlements.take()
        guard let connection, !due.isEmpty else { return }
        do {
            try write(due, to: connection)
        } catch {
            lose(error)
        }
    }

    private func write(
        _ due: [(tag: UInt64, settlement: Settlement)], to connection: Connection
    ) throws(AMQPError) {
        func writeAll() throws(AMQPError) {
            for (tag, settlement) in due {
                switch settlement {
                case .ack: try connection.acknowledge(tag, isMultiple: false)
                case .ackThrough: try connection.acknowledge(tag, isMultiple: true)
                case .reject(let requeue): try connection.reject(tag, requeue: requeue)
                }
            }
        }
        if due.count == 1 { return try writeAll() }
        try connection.corked(writeAll)
    }

    private func attend(isThorough: Bool) {
        guard let connection else { return }
        do {
            try receive(connection, isThorough: isThorough)
            if isThorough { try connection.checkAlive() }
        } catch {
            lose(error)
        }
    }

    /// Reads what has come and hands it over in one go.
    private func receive(_ connection: Connection, isThorough: Bool) throws(AMQPError) {
        defer { handOver() }
        try connection.drain(isThorough: isThorough) { frame throws(AMQPError) in
            try handle(frame, connection)
        }
    }

    private func handOver() {
        guard !arrived.isEmpty else { return }
        let deliveries = arrived
        arrived = []
        guard !isEnded else {
            // A delivery that is lost has gone back already.
            for delivery in deliveries { try? delivery.nack(requeue: true) }
            return
        }
        buffer.append(deliveries)
    }

    private func handle(_ frame: Frame, _ connection: Connection) throws(AMQPError) {
        switch frame {
        case .content(let head): try take(assembler.begin(head), connection)
        case .header(let bytes, let properties):
            try take(assembler.header(bodyBytes: bytes, properties: properties), connection)
        case .body(let bytes): try take(assembler.body(bytes), connection)
        case .cancel:
            isSubscribed = false
            report.set(.notConsuming(.consumerCancelled))
            retryLater()
        case .channelClose(let exception):
            try connection.answerChannelClose()
            try replaceChannel(connection, .channelClosed(exception))
        case .connectionClose(let exception):
            connection.answerConnectionClose()
            throw .connectionClosed(exception)
        case .blocked, .unblocked, .confirm, .getEmpty, .other: break
        }
    }

    private func take(
        _ result: ContentAssembler.Result, _ connection: Connection
    ) throws(AMQPError) {
        switch result {
        case .complete(.delivery(let tag, let isRedelivered, let exchange, let key), let message):
            try admit(tag, connection)
            arrived.append(
                Delivery(
                    message: message, exchange: exchange, routingKey: key,
                    isRedelivered: isRedelivered, tag: tag, epoch: epoch,
                    settlements: settlements))
        case .tooLarge(.delivery(let tag, _, _, _)):
            logger.error("rejected a delivery that is too large")
            try admit(tag, connection)
            try settlements.settle(tag, epoch: epoch, .reject(requeue: false))
        case .unexpected(let what): throw connection.fail("read", what)
        case .incomplete, .complete, .tooLarge: break
        }
    }

    private func admit(_ tag: UInt64, _ connection: Connection) throws(AMQPError) {
        guard settlements.admit(through: tag) != nil else {
            throw connection.fail("read", "delivery tag out of order")
        }
    }

    // MARK: connection and subscription

    private func open() throws(AMQPError) {
        let connection = try Connection.open(configuration)
        let watch = SocketWatch(
            socket: connection.socket, period: connection.servicePeriod, queue: executor.queue,
            onReadable: { [weak self] in self?.assumeIsolated { $0.becomeReadable() } },
            onTick: { [weak self] in self?.assumeIsolated { $0.tick() } })
        guard let watch else { throw connection.fail("connect", "no file descriptor left") }
        self.connection = connection
        self.watch = watch
        beginChannel()
    }

    private func beginChannel() {
        isSubscribed = false
        assembler = ContentAssembler()
        arrived = []
        settlements.beginEpoch()
        epoch = settlements.epoch
        _ = buffer.clear()
    }

    private func subscribe() throws(AMQPError) {
        guard let connection else { return }
        do {
            try connection.setPrefetch(min(max(options.prefetch, 1), Self.prefetchMax))
            let queue = try queueName(connection)
            try connection.consume(
                from: queue, tag: Self.tag, isExclusive: options.isExclusive,
                arguments: options.arguments)
        } catch .channelClosed(let exception) {
            try replaceChannel(connection, .channelClosed(exception))
            throw .channelClosed(exception)
        }
        isSubscribed = true
        report.set(.ready)
        // Deliveries may have come with the answer and lie in the library's buffers.
        attend(isThorough: true)
    }

    private func queueName(_ connection: Connection) throws(AMQPError) -> String {
        switch source {
        case .queue(let name): return name
        case .temporary(let bindings):
            let queue = try connection.declareQueue(
                "", flags: QueueFlags(isDurable: false, isExclusive: true, isAutoDeleted: true),
                arguments: [:])
            for binding in bindings {
                try connection.bind(
                    queue: queue.name, exchange: binding.exchange,
                    routingKey: binding.routingKey, arguments: [:])
            }
            return queue.name
        }
    }

    /// The channel is closed and its close answered: opens it again and subscribes later.
    private func replaceChannel(
        _ connection: Connection, _ error: AMQPError
    ) throws(AMQPError) {
        beginChannel()
        report.set(.notConsuming(error))
        try connection.openChannel(confirms: false)
        if !isEnded { retryLater() }
    }

    private func becomeReadable() {
        connection?.noteReadable()
        attend(isThorough: false)
    }

    private func tick() {
        if isSubscribed { attempt = 0 }
        attend(isThorough: true)
    }

    private func drop(_ error: AMQPError) {
        watch = nil
        connection = nil
        beginChannel()
        report.set(.disconnected(error))
    }

    private func lose(_ error: AMQPError) {
        drop(error)
        if !isEnded { retryLater() }
    }

    private func retryLater() {
        attempt += 1
        retry(after: configuration.backoff.pause(beforeAttempt: attempt))
    }

    private func retry(after pause: Duration) {
        guard !isRetryDue, !isEnded else { return }
        isRetryDue = true
        let time = DispatchTime.now() + .milliseconds(Int(pause / .milliseconds(1)))
        executor.queue.asyncAfter(deadline: time) { [weak self] in
            self?.assumeIsolated { $0.retryNow() }
        }
    }

    private func retryNow() {
        isRetryDue = false
        guard !isSubscribed, !isEnded else { return }
        do {
            if connection == nil {
                report.set(.connecting)
                try open()
            }
            try subscribe()
        } catch .channelClosed {
            // Reported, and tried again later, where the channel was replaced.
        } catch {
            lose(error)
        }
    }
}

/// Lets the settlements wake their consumer, which does not exist yet when they are made.
private final class WeakConsumer: @unchecked Sendable {
    // Sound: set once, before the consumer can be seen by anybody else.
    private weak var consumer: Consumer?

    func set(_ consumer: Consumer) { self.consumer = consumer }

    func wake(after pause: Duration, on queue: DispatchQueue) {
        let job: @Sendable () -> Void = { [self] in
            consumer?.assumeIsolated { $0.writeSettlements() }
        }
        guard pause > .zero else { return queue.async(execute: job) }
        queue.asyncAfter(
            deadline: .now() + .milliseconds(Int(pause / .milliseconds(1))), execute: job)
    }
}
