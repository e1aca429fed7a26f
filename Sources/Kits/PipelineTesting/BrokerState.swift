// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Pipeline

/// What an ``InMemoryBroker`` holds: plain values, changed under its lock.
struct BrokerState {
    struct Queue {
        var ready: [Stored] = []
        /// Where expired messages go: set for delay queues.
        var isDelay = false
    }

    struct Stored {
        var message: Message
        var routingKey: String
        var deliveries = 0
    }

    struct Consumer {
        var queue: String
        var prefetch: Int
        var isStopped = false
        var waiter: Waiter?
    }

    struct Waiter {
        var countMax: Int
        var continuation: CheckedContinuation<[IncomingMessage], Never>

        init(_ countMax: Int, _ continuation: CheckedContinuation<[IncomingMessage], Never>) {
            self.countMax = countMax
            self.continuation = continuation
        }
    }

    struct Delivery {
        var stored: Stored
        var queue: String
        var consumer: Int
    }

    var exchanges: [String: Topology.Exchange] = [:]
    var queues: [String: Queue] = [:]
    var bindings: [Topology.Binding]
    var consumers: [Int: Consumer] = [:]
    var deliveries: [Int: Delivery] = [:]
    private var lastID = 0

    init(_ topology: Topology) {
        bindings = topology.bindings
        for exchange in topology.exchanges { exchanges[exchange.name] = exchange }
        for queue in topology.queues {
            queues[queue.name] = Queue(isDelay: queue.arguments["x-message-ttl"] != nil)
        }
    }

    mutating func publish(
        _ message: Message, _ exchange: String, _ routingKey: String
    ) throws(BrokerError) {
        let targets: [String]
        if exchange.isEmpty {
            targets = queues[routingKey] == nil ? [] : [routingKey]
        } else {
            guard let known = exchanges[exchange] else {
                throw .denied("no exchange '\(exchange)'")
            }
            let direct = bound(exchange, routingKey)
            targets = direct.isEmpty ? known.alternate.map { bound($0, "") } ?? [] : direct
        }
        guard !targets.isEmpty else {
            throw .unroutable(exchange: exchange, routingKey: routingKey)
        }
        for queue in targets {
            queues[queue]?.ready.append(Stored(message: message, routingKey: routingKey))
        }
    }

    private func bound(_ exchange: String, _ key: String) -> [String] {
        let isFanout = exchanges[exchange]?.kind == .fanout
        let names = bindings.filter {
            $0.exchange == exchange
                && (isFanout
                    || Self.matches(
                        key.split(separator: ".")[...],
                        $0.routingKey.split(separator: ".")[...]))
        }.map(\.queue)
        return Array(Set(names)).sorted()
    }

    /// Topic matching: `*` is one word, `#` any number of words (AMQP 0-9-1, section 3.1.3.3).
    static func matches(_ key: ArraySlice<Substring>, _ pattern: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return key.isEmpty }
        if first == "#" {
            return matches(key, pattern.dropFirst())
                || (!key.isEmpty && matches(key.dropFirst(), pattern))
        }
        guard let word = key.first, first == "*" || first == word else { return false }
        return matches(key.dropFirst(), pattern.dropFirst())
    }

    mutating func addConsumer(queue: String, prefetch: Int) -> Int? {
        guard queues[queue] != nil else { return nil }
        lastID += 1
        consumers[lastID] = Consumer(queue: queue, prefetch: prefetch)
        return lastID
    }

    mutating func wait(_ consumer: Int, _ waiter: Waiter) {
        if consumers[consumer] == nil {
            consumers[consumer] = Consumer(queue: "", prefetch: 0, isStopped: true)
        }
        consumers[consumer]?.waiter = waiter
    }

    mutating func stop(_ consumer: Int) {
        consumers[consumer]?.isStopped = true
    }

    mutating func settle(
        _ id: Int, _ settlement: IncomingMessage.Settlement
    ) throws(BrokerError) {
        guard let delivery = deliveries.removeValue(forKey: id) else {
            throw .unavailable("the delivery's connection is gone")
        }
        if settlement == .giveBack { restore(delivery) }
    }

    private mutating func restore(_ delivery: Delivery) {
        var stored = delivery.stored
        stored.deliveries += 1
        stored.message.properties.headers["x-delivery-count"] = .integer(Int64(stored.deliveries))
        queues[delivery.queue]?.ready.insert(stored, at: 0)
    }

    mutating func dropConnections() {
        for id in deliveries.keys.sorted().reversed() {
            if let delivery = deliveries.removeValue(forKey: id) { restore(delivery) }
        }
    }

    mutating func close() {
        dropConnections()
        for id in consumers.keys { consumers[id]?.isStopped = true }
    }

    mutating func expireDelays() {
        for name in queues.keys.sorted() where queues[name]?.isDelay == true {
            let expired = queues[name]?.ready ?? []
            queues[name]?.ready = []
            for var stored in expired {
                stored.message.properties.headers["x-first-death-queue"] = .string(name)
                queues[stored.routingKey]?.ready.append(
                    Stored(message: stored.message, routingKey: stored.routingKey))
            }
        }
    }

    /// Matches waiting consumers with ready messages.
    mutating func wakeUps(_ broker: InMemoryBroker) -> [() -> Void] {
        var result: [() -> Void] = []
        for id in consumers.keys.sorted() {
            guard let consumer = consumers[id], let waiter = consumer.waiter else { continue }
            if consumer.isStopped {
                consumers[id] = nil
                result.append { waiter.continuation.resume(returning: []) }
                continue
            }
            let batch = take(for: id, consumer, upTo: waiter.countMax, broker)
            guard !batch.isEmpty else { continue }
            consumers[id]?.waiter = nil
            result.append { waiter.continuation.resume(returning: batch) }
        }
        return result
    }

    private mutating func take(
        for id: Int, _ consumer: Consumer, upTo countMax: Int, _ broker: InMemoryBroker
    ) -> [IncomingMessage] {
        var batch: [IncomingMessage] = []
        var out = deliveries.values.count { $0.consumer == id }
        while batch.count < countMax, out < consumer.prefetch,
            queues[consumer.queue]?.ready.isEmpty == false,
            let stored = queues[consumer.queue]?.ready.removeFirst()
        {
            out += 1
            lastID += 1
            let delivery = lastID
            deliveries[delivery] = Delivery(stored: stored, queue: consumer.queue, consumer: id)
            batch.append(
                IncomingMessage(
                    message: stored.message, isRedelivered: stored.deliveries > 0
                ) { [broker] (settlement) async throws(BrokerError) in
                    try broker.settle(delivery, settlement)
                })
        }
        return batch
    }
}
