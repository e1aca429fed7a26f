// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
public import Logging
internal import Threads

/// Publishes messages over a connection of its own and knows what became of each.
///
/// A call returns when the broker has confirmed the message, which for durable queues means
/// written to disk. Calls may come from any number of tasks at once; their messages share the
/// connection, up to ``Options/window`` unconfirmed ones.
///
/// When the connection is lost it reconnects by itself and sends again what was not confirmed, so
/// a message can arrive twice: give each a `messageID` and let receivers discard repetitions.
/// Past its deadline a call fails with ``AMQPError/confirmTimedOut`` if the message was ever sent,
/// else with ``AMQPError/unavailable(_:)``. Cancelling the calling task withdraws nothing.
public actor Publisher {
    public struct Options: Sendable {
        /// How many messages may be on their way unconfirmed, at least 1.
        public var window = 1000
        /// From the call to the confirm, unless the call says otherwise.
        public var confirmTimeout: Duration = .seconds(30)
        /// How long ``Publisher/close()`` waits for confirms.
        public var closeTimeout: Duration = .seconds(5)

        public init() {}
    }

    /// Bytes of bodies on their way unconfirmed; a single message may be larger.
    public static let windowBytesMax = 16_777_216

    private nonisolated let executor = QueueExecutor(label: "amqp.publisher")
    private nonisolated let inbox = PublishInbox()
    private nonisolated let report: StateReport
    private nonisolated let options: Options
    private let configuration: ConnectionConfiguration
    private let logger: Logger

    private var connection: Connection?
    private var watch: SocketWatch?
    private var assembler = ContentAssembler()
    private var window: PublishWindow
    private var blockedReason: String?
    private var attempt = 0
    private var isReconnectDue = false
    private var isDeadlineCheckDue = false
    private var isResumeDue = false
    private var isClosed = false
    private var idleWaiters: [CheckedContinuation<Void, Never>] = []

    private static let bytesPerWritableCheck = 65_536
    private static let envelopeBytes = 256
    private static let deadlineCheckPeriod = Duration.milliseconds(100)
    private static let resumePause = Duration.milliseconds(2)

    /// Connects when first used, or by ``connect()``.
    ///
    /// - Parameter onStateChange: called on the connection's queue: must return quickly.
    public init(
        _ configuration: ConnectionConfiguration, options: Options = Options(),
        logger: Logger = Logger(label: "amqp.publisher"),
        onStateChange: @escaping @Sendable (ConnectionState) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.options = options
        self.logger = logger
        report = StateReport(logger: logger, onChange: onStateChange)
        window = PublishWindow(countMax: options.window, bytesMax: Self.windowBytesMax)
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    public nonisolated var state: ConnectionState { report.current }

    /// Connects now, once.
    ///
    /// - Throws: why it did not work; nothing is tried again until the next call or publish.
    public func connect() throws(AMQPError) {
        guard !isClosed else { throw .closed }
        guard connection == nil else { return }
        report.set(.connecting)
        do {
            try open()
        } catch {
            report.set(.disconnected(error))
            throw error
        }
    }

    /// Returns when the broker has taken responsibility for the message.
    ///
    /// - Parameter timeout: ``Options/confirmTimeout`` when absent.
    public nonisolated func publish(
        _ message: Message, exchange: String, routingKey: String, mandatory: Bool = true,
        timeout: Duration? = nil
    ) async throws(AMQPError) {
        let publication = Publication(
            message, exchange: exchange, routingKey: routingKey, mandatory: mandatory)
        try publication.validate()
        let errors = await submit([publication], invalid: [:], timeout)
        if let error = errors[0] { throw error }
    }

    /// Publishes many messages, in order, with one hand-over and one wake-up.
    ///
    /// - Returns: for each message nil when confirmed, or why not. One that fails does not keep
    ///   the others from being published.
    public nonisolated func publish(
        _ batch: [Publication], timeout: Duration? = nil
    ) async -> [AMQPError?] {
        guard !batch.isEmpty else { return [] }
        var invalid: [Int: AMQPError] = [:]
        for (index, publication) in batch.enumerated() {
            do { try publication.validate() } catch { invalid[index] = error }
        }
        let errors = await submit(batch, invalid: invalid, timeout)
        return errors.isEmpty
            ? Array(repeating: nil, count: batch.count) : batch.indices.map { errors[$0] }
    }

    /// Publishes without waiting and without being told the outcome: for messages whose loss does
    /// no harm. One that AMQP cannot carry is dropped like any other that is lost.
    public nonisolated func post(_ publication: Publication) {
        guard (try? publication.validate()) != nil else { return }
        let pending = PendingPublish(
            publication, deadline: .now + options.confirmTimeout, batch: nil, index: 0)
        if inbox.add([pending]) == .wake { wake() }
    }

    /// Takes no more messages, waits for the confirms still due (``Options/closeTimeout``) and
    /// closes the connection.
    public func close() async {
        guard !isClosed else { return }
        inbox.close()
        window.submit(inbox.take())
        window.hurry(to: .now + options.closeTimeout)
        pump()
        if !window.isEmpty { await withCheckedContinuation { idleWaiters.append($0) } }
        isClosed = true
        watch = nil
        connection?.close()
        connection = nil
        report.set(.closed)
    }

    // MARK: from callers to the queue

    private nonisolated func submit(
        _ publications: [Publication], invalid: [Int: AMQPError], _ timeout: Duration?
    ) async -> [Int: AMQPError] {
        let deadline = ContinuousClock.now + (timeout ?? options.confirmTimeout)
        return await withCheckedContinuation { continuation in
            let batch = PublishBatch(count: publications.count, continuation)
            var pending: [PendingPublish] = []
            pending.reserveCapacity(publications.count)
            for (index, publication) in publications.enumerated() where invalid[index] == nil {
                pending.append(
                    PendingPublish(publication, deadline: deadline, batch: batch, index: index))
            }
            for (index, error) in invalid { batch.finish(index, error) }
            guard !pending.isEmpty else { return }
            switch inbox.add(pending) {
            case .wake: wake()
            case .awake: break
            case .closed: for publish in pending { publish.finish(.closed) }
            }
        }
    }

    private nonisolated func wake() {
        executor.queue.async { self.assumeIsolated { $0.pump() } }
    }

    private func later(
        _ pause: Duration, _ action: @escaping @Sendable (isolated Publisher) -> Void
    ) {
        let time = DispatchTime.now() + .milliseconds(Int(pause / .milliseconds(1)))
        executor.queue.asyncAfter(deadline: time) { [weak self] in
            self?.assumeIsolated { action($0) }
        }
    }

    // MARK: on the queue

    private func pump() {
        window.submit(inbox.take())
        guard !isClosed else { return }
        if connection == nil { reconnect(after: .zero) }
        attend(connection?.isQuiet ?? false ? .thorough : .none)
        checkDeadlinesLater()
    }

    private enum Reading { case none, available, thorough }

    /// Reads what has come, then sends what may be sent.
    private func attend(_ reading: Reading) {
        guard let connection else { return }
        do throws(AMQPError) {
            if reading != .none { try read(connection, isThorough: reading == .thorough) }
            try send(connection)
            if window.overdueCount > window.countMax {
                throw connection.fail("read", "too many confirms overdue")
            }
        } catch {
            lose(error)
        }
        resumeIdleWaiters()
    }

    private func read(_ connection: Connection, isThorough: Bool) throws(AMQPError) {
        do {
            try connection.drain(isThorough: isThorough) { frame throws(AMQPError) in
                try handle(frame, connection)
            }
        } catch .channelClosed(let exception) {
            try replaceChannel(connection, exception)
        }
    }

    private func handle(_ frame: Frame, _ connection: Connection) throws(AMQPError) {
        switch frame {
        case .confirm(let tag, let isMultiple, let isPositive):
            let error: AMQPError? = isPositive ? nil : .refused
            if !window.confirm(tag: tag, isMultiple: isMultiple, error: error) {
                throw connection.fail("read", "confirm of an unknown message")
            }
        case .content(let head): try take(assembler.begin(head), connection)
        case .header(let bytes, let properties):
            try take(assembler.header(bodyBytes: bytes, properties: properties), connection)
        case .body(let bytes): try take(assembler.body(bytes), connection)
        case .channelClose(let exception): throw .channelClosed(exception)
        case .connectionClose(let exception):
            connection.answerConnectionClose()
            throw .connectionClosed(exception)
        case .blocked(let reason):
            blockedReason = reason
            report.set(.blocked(reason: reason))
        case .unblocked:
            blockedReason = nil
            report.set(.ready)
        case .getEmpty, .cancel, .other: break
        }
    }

    private func take(
        _ result: ContentAssembler.Result, _ connection: Connection
    ) throws(AMQPError) {
        switch result {
        case .complete(.returned(let returned), let message):
            if !window.markReturned(returned, messageID: message.properties.messageID) {
                logger.error(
                    "a message came back that is not known",
                    metadata: [
                        "returned": "\(returned)"
                    ])
            }
        case .unexpected(let what): throw connection.fail("read", what)
        case .incomplete, .complete, .tooLarge: break
        }
    }

    private func send(_ connection: Connection) throws(AMQPError) {
        guard blockedReason == nil, window.waitingCount > 0 else { return }
        try connection.checkAlive()
        guard window.waitingCount > 1 else { return try sendAll(connection) }
        try connection.corked { () throws(AMQPError) in try sendAll(connection) }
    }

    private func sendAll(_ connection: Connection) throws(AMQPError) {
        var bytes = Self.bytesPerWritableCheck
        while true {
            if bytes >= Self.bytesPerWritableCheck {
                guard connection.isWritable else { return resumeLater() }
                bytes = 0
            }
            guard let publish = window.next() else { return }
            try connection.publish(publish.publication)
            bytes += publish.publication.message.body.count + Self.envelopeBytes
        }
    }

    /// The broker closed the channel over one of the messages on their way.
    private func replaceChannel(
        _ connection: Connection, _ exception: BrokerException
    ) throws(AMQPError) {
        logger.warning("channel closed", metadata: ["exception": "\(exception)"])
        assembler = ContentAssembler()
        try connection.answerChannelClose()
        window.abandon(blame: .channelClosed(exception))
        try connection.openChannel(confirms: true)
    }

    private func resumeLater() {
        guard !isResumeDue else { return }
        isResumeDue = true
        later(Self.resumePause) { publisher in
            publisher.isResumeDue = false
            publisher.attend(.available)
        }
    }

    // MARK: connection

    private func open() throws(AMQPError) {
        let connection = try Connection.open(configuration, confirms: true)
        let watch = SocketWatch(
            socket: connection.socket, period: connection.servicePeriod, queue: executor.queue,
            onReadable: { [weak self] in self?.assumeIsolated { $0.becomeReadable() } },
            onTick: { [weak self] in self?.assumeIsolated { $0.tick() } })
        guard let watch else { throw connection.fail("connect", "no file descriptor left") }
        self.connection = connection
        self.watch = watch
        report.set(.ready)
    }

    private func becomeReadable() {
        connection?.noteReadable()
        attend(.available)
    }

    private func tick() {
        attempt = 0
        attend(.thorough)
    }

    private func lose(_ error: AMQPError) {
        watch = nil
        connection = nil
        assembler = ContentAssembler()
        blockedReason = nil
        var blame: AMQPError?
        if case .connectionClosed(let exception) = error, !exception.isTransient { blame = error }
        window.abandon(blame: blame)
        report.set(.disconnected(error))
        attempt += 1
        reconnect(after: configuration.backoff.pause(beforeAttempt: attempt))
    }

    private func reconnect(after pause: Duration) {
        guard !isReconnectDue, !isClosed else { return }
        isReconnectDue = true
        later(pause) { publisher in
            publisher.isReconnectDue = false
            publisher.reconnectNow()
        }
    }

    private func reconnectNow() {
        guard connection == nil, !isClosed else { return }
        do {
            try connect()
            attend(.available)
        } catch {
            if !error.isTransient { window.failUnsent(error) }
            attempt += 1
            reconnect(after: configuration.backoff.pause(beforeAttempt: attempt))
        }
    }

    // MARK: deadlines

    private func checkDeadlinesLater() {
        guard !isDeadlineCheckDue, !window.isEmpty else { return }
        isDeadlineCheckDue = true
        later(Self.deadlineCheckPeriod) { publisher in
            publisher.isDeadlineCheckDue = false
            publisher.checkDeadlines()
        }
    }

    private func checkDeadlines() {
        let reason =
            switch report.current {
            case .disconnected(let error): "\(error)"
            case .blocked(let reason): "blocked by the broker: \(reason)"
            default: "the broker does not keep up"
            }
        window.expire(at: .now, reason: reason)
        resumeIdleWaiters()
        checkDeadlinesLater()
    }

    private func resumeIdleWaiters() {
        guard window.isEmpty, !idleWaiters.isEmpty else { return }
        for waiter in idleWaiters { waiter.resume() }
        idleWaiters = []
    }
}
