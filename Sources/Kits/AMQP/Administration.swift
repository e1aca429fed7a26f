// SPDX-License-Identifier: Apache-2.0
public import Logging
internal import Threads

/// Declares, checks and empties exchanges and queues, and takes single messages out.
///
/// It connects when first used and again when the connection was lost between two calls. A
/// request that the broker refuses throws ``AMQPError/channelClosed(_:)`` with the broker's
/// words; the next request works again.
public actor Administration {
    private nonisolated let executor: QueueExecutor
    private let configuration: ConnectionConfiguration
    private let logger: Logger
    private let settlements: Settlements
    private var connection: Connection?
    private var watch: SocketWatch?
    private var epoch: UInt64 = 0

    public init(
        _ configuration: ConnectionConfiguration,
        logger: Logger = Logger(label: "amqp.administration")
    ) {
        self.configuration = configuration
        self.logger = logger
        executor = QueueExecutor(label: "amqp.administration")
        // Written with the next request or at the end: nobody waits for the credit.
        settlements = Settlements(mode: .each, prefetch: 1) { _ in }
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    // MARK: exchanges

    /// - Parameter type: `direct`, `fanout`, `topic` or `headers`.
    /// - Throws: 406 where it exists with other properties.
    public func declareExchange(
        _ name: String, type: String, isDurable: Bool = true,
        arguments: [String: FieldValue] = [:]
    ) throws(AMQPError) {
        try validate([name, type], arguments)
        try perform { connection throws(AMQPError) in
            try connection.declareExchange(
                name, type: type, isPassive: false, isDurable: isDurable, arguments: arguments)
        }
    }

    /// - Throws: 404 where there is none of that name.
    public func checkExchange(_ name: String) throws(AMQPError) {
        try validate([name], [:])
        try perform { connection throws(AMQPError) in
            try connection.declareExchange(
                name, type: "direct", isPassive: true, isDurable: true, arguments: [:])
        }
    }

    /// No error where there is none.
    public func deleteExchange(_ name: String, ifUnused: Bool = false) throws(AMQPError) {
        try validate([name], [:])
        try perform { connection throws(AMQPError) in
            try connection.deleteExchange(name, ifUnused: ifUnused)
        }
    }

    // MARK: queues

    /// - Parameters:
    ///   - name: empty to have the broker choose one.
    ///   - isExclusive: for this connection only, and gone with it.
    /// - Throws: 406 where it exists with other properties, 405 where another connection has it.
    @discardableResult
    public func declareQueue(
        _ name: String, isDurable: Bool = true, isExclusive: Bool = false,
        isAutoDeleted: Bool = false, arguments: [String: FieldValue] = [:]
    ) throws(AMQPError) -> QueueStatus {
        try validate([name], arguments)
        let flags = QueueFlags(
            isDurable: isDurable, isExclusive: isExclusive, isAutoDeleted: isAutoDeleted)
        return try perform { connection throws(AMQPError) in
            try connection.declareQueue(name, flags: flags, arguments: arguments)
        }
    }

    /// - Throws: 404 where there is none of that name.
    public func checkQueue(_ name: String) throws(AMQPError) -> QueueStatus {
        try validate([name], [:])
        return try perform { connection throws(AMQPError) in
            try connection.declareQueue(
                name, isPassive: true, flags: QueueFlags(), arguments: [:])
        }
    }

    public func bind(
        queue: String, exchange: String, routingKey: String,
        arguments: [String: FieldValue] = [:]
    ) throws(AMQPError) {
        try validate([queue, exchange, routingKey], arguments)
        try perform { connection throws(AMQPError) in
            try connection.bind(
                queue: queue, exchange: exchange, routingKey: routingKey, arguments: arguments)
        }
    }

    public func unbind(
        queue: String, exchange: String, routingKey: String,
        arguments: [String: FieldValue] = [:]
    ) throws(AMQPError) {
        try validate([queue, exchange, routingKey], arguments)
        try perform { connection throws(AMQPError) in
            try connection.unbind(
                queue: queue, exchange: exchange, routingKey: routingKey, arguments: arguments)
        }
    }

    /// No error where there is none.
    ///
    /// - Returns: how many messages went with it.
    @discardableResult
    public func deleteQueue(
        _ name: String, ifUnused: Bool = false, ifEmpty: Bool = false
    ) throws(AMQPError) -> Int {
        try validate([name], [:])
        return try perform { connection throws(AMQPError) in
            try connection.deleteQueue(name, ifUnused: ifUnused, ifEmpty: ifEmpty)
        }
    }

    /// - Returns: how many messages were dropped.
    @discardableResult
    public func purge(_ queue: String) throws(AMQPError) -> Int {
        try validate([queue], [:])
        return try perform { connection throws(AMQPError) in try connection.purge(queue) }
    }

    // MARK: messages

    /// Takes the first message out of a queue, or nil when it is empty.
    ///
    /// Settle the delivery; what is said is written with the next call. Those left open go back
    /// to the queue with ``close()``.
    public func get(from queue: String) throws(AMQPError) -> GetResult? {
        try validate([queue], [:])
        return try perform { connection throws(AMQPError) in
            try connection.sendGet(from: queue)
            return try self.receive(connection)
        }
    }

    /// Writes what was settled and closes the connection. A later call connects again.
    public func close() {
        guard let connection else { return }
        do {
            try writeSettlements(connection)
        } catch {
            logger.error("settlements not written", metadata: ["error": "\(error)"])
        }
        watch = nil
        connection.close()
        self.connection = nil
        settlements.beginEpoch()
    }

    // MARK: private

    private func validate(
        _ names: [String], _ arguments: [String: FieldValue]
    ) throws(AMQPError) {
        for name in names { try Publication.checkShort(name, "name") }
        try FieldValue.validate(arguments, "arguments")
    }

    private func perform<Result>(
        _ request: (Connection) throws(AMQPError) -> Result
    ) throws(AMQPError) -> Result {
        let connection = try ready()
        do {
            try writeSettlements(connection)
            return try request(connection)
        } catch .channelClosed(let exception) {
            beginEpoch()
            try connection.openChannel(confirms: false)
            throw .channelClosed(exception)
        } catch {
            drop()
            throw error
        }
    }

    /// A connection that was alive a moment ago.
    private func ready() throws(AMQPError) -> Connection {
        serve()
        if let connection { return connection }
        let connection = try Connection.open(configuration)
        watch = SocketWatch(
            socket: connection.socket, period: connection.servicePeriod, queue: executor.queue,
            onReadable: { [weak self] in self?.assumeIsolated { $0.becomeReadable() } },
            onTick: { [weak self] in self?.assumeIsolated { $0.serve() } })
        self.connection = connection
        beginEpoch()
        return connection
    }

    private func becomeReadable() {
        connection?.noteReadable()
        serve()
    }

    private func serve() {
        guard let connection else { return }
        do {
            try connection.drain(isThorough: true) { frame throws(AMQPError) in
                if case .connectionClose(let exception) = frame {
                    connection.answerConnectionClose()
                    throw .connectionClosed(exception)
                }
                if case .channelClose(let exception) = frame { throw .channelClosed(exception) }
            }
            try connection.checkAlive()
        } catch {
            logger.info("connection lost", metadata: ["error": "\(error)"])
            drop()
        }
    }

    private func writeSettlements(_ connection: Connection) throws(AMQPError) {
        for (tag, settlement) in settlements.take() {
            if case .reject(let requeue) = settlement {
                try connection.reject(tag, requeue: requeue)
            } else {
                try connection.acknowledge(tag, isMultiple: false)
            }
        }
    }

    private func receive(_ connection: Connection) throws(AMQPError) -> GetResult? {
        var assembler = ContentAssembler()
        while true {
            let result: ContentAssembler.Result
            switch try connection.awaitFrame(configuration.timeout, "get") {
            case .getEmpty: return nil
            case .content(let head): result = assembler.begin(head)
            case .header(let bytes, let properties):
                result = assembler.header(bodyBytes: bytes, properties: properties)
            case .body(let bytes): result = assembler.body(bytes)
            case .channelClose(let exception):
                try connection.answerChannelClose()
                throw .channelClosed(exception)
            case .connectionClose(let exception):
                connection.answerConnectionClose()
                throw .connectionClosed(exception)
            default: continue
            }
            switch result {
            case .incomplete: continue
            case .complete(
                .fetched(let tag, let isRedelivered, let exchange, let key, let remaining),
                let message):
                guard settlements.admit(through: tag) != nil else {
                    throw connection.fail("get", "delivery tag out of order")
                }
                let delivery = Delivery(
                    message: message, exchange: exchange, routingKey: key,
                    isRedelivered: isRedelivered, tag: tag, epoch: epoch,
                    settlements: settlements)
                return GetResult(delivery: delivery, remaining: remaining)
            default: throw connection.fail("get", "an answer that makes no sense")
            }
        }
    }

    private func beginEpoch() {
        settlements.beginEpoch()
        epoch = settlements.epoch
    }

    private func drop() {
        watch = nil
        connection = nil
        beginEpoch()
    }
}

/// A message taken by ``Administration/get(from:)``.
public struct GetResult: Sendable {
    public let delivery: Delivery
    /// How many more messages were ready in the queue.
    public let remaining: Int
}

/// A queue as the broker counts it.
public struct QueueStatus: Sendable, Hashable {
    public let name: String
    /// Ready for delivery; those delivered and not settled are not counted.
    public let messages: Int
    public let consumers: Int
}
