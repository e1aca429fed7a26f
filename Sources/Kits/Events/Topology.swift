// SPDX-License-Identifier: Apache-2.0

/// Every exchange, queue and binding of the vhost: the one definition that `imprimatur topology`
/// declares, checks and exports.
public struct Topology: Sendable, Hashable {
    public var exchanges: [Exchange]
    public var queues: [Queue]
    public var bindings: [Binding]

    /// Topic exchange on which all events travel.
    public static let events = "imprimatur.events"
    /// Where events land that no queue is bound for.
    public static let unrouted = "imprimatur.unrouted"
    /// Exchange and queue of messages that were given up; routing key is the stage.
    public static let dead = "imprimatur.dead"
    /// Topic exchange that sites' queues are bound to.
    public static let sites = "imprimatur.sites"
    /// Stream of events that end a publication's way, for people and the console.
    public static let history = "imprimatur.history"
    /// Deliveries after which the broker itself parks a message (a worker that dies on it).
    public static let deliveryLimit: Int64 = 20

    /// - Parameters:
    ///   - delays: the ladder of retry delays, each at least 1 ms.
    ///   - sites: names of the sites that have a queue.
    public init(delays: [RetryDelay] = RetryDelay.standard, sites: [String] = []) {
        exchanges = [
            Exchange(name: Self.events, kind: .topic, alternate: Self.unrouted),
            Exchange(name: Self.unrouted, kind: .fanout),
            Exchange(name: Self.dead, kind: .topic),
            Exchange(name: Self.sites, kind: .topic),
        ]
        queues = [
            Queue(name: Self.unrouted, kind: .quorum),
            Queue(name: Self.dead, kind: .quorum),
            Queue(
                name: Self.history, kind: .stream,
                arguments: [
                    "x-max-age": .string("30D"), "x-max-length-bytes": .integer(1_000_000_000),
                ]),
        ]
        bindings = [
            Binding(exchange: Self.unrouted, queue: Self.unrouted, routingKey: ""),
            Binding(exchange: Self.dead, queue: Self.dead, routingKey: "#"),
        ]
        for type in [EventType.imageRejected, .imageProgress, .siteNotified] {
            bindings.append(
                Binding(exchange: Self.events, queue: Self.history, routingKey: type.routingKey))
        }
        for stage in Stage.allCases { add(stage) }
        for delay in delays { add(delay) }
        for site in sites { add(site: site) }
    }

    private mutating func add(_ stage: Stage) {
        var arguments: [String: Argument] = [
            "x-delivery-limit": .integer(Self.deliveryLimit),
            "x-dead-letter-exchange": .string(Self.dead),
            "x-dead-letter-routing-key": .string(stage.rawValue),
            "x-dead-letter-strategy": .string("at-least-once"),
            "x-overflow": .string("reject-publish"),
        ]
        if stage == .listPublisher { arguments["x-single-active-consumer"] = .boolean(true) }
        queues.append(Queue(name: stage.queue, kind: .quorum, arguments: arguments))
        for type in stage.consumes {
            bindings.append(
                Binding(
                    exchange: Self.events, queue: stage.queue, routingKey: type.routingKey))
        }
    }

    /// Bindings of workers' queues to events that their stages do not consume. An earlier version
    /// may have made some, when the way of an image was another.
    public var strayBindings: [Binding] {
        Stage.allCases.filter { stage in queues.contains { $0.name == stage.queue } }.flatMap {
            stage in
            EventType.allCases.filter { !stage.consumes.contains($0) }.map { type in
                Binding(exchange: Self.events, queue: stage.queue, routingKey: type.routingKey)
            }
        }
    }

    /// A message waits in the delay's queue until its time-to-live runs out, then goes through
    /// the default exchange to the queue that its routing key names.
    private mutating func add(_ delay: RetryDelay) {
        exchanges.append(Exchange(name: delay.name, kind: .topic))
        queues.append(
            Queue(
                name: delay.name, kind: .quorum,
                arguments: [
                    "x-message-ttl": .integer(delay.milliseconds),
                    "x-dead-letter-exchange": .string(""),
                    "x-dead-letter-strategy": .string("at-least-once"),
                    "x-overflow": .string("reject-publish"),
                ]))
        bindings.append(Binding(exchange: delay.name, queue: delay.name, routingKey: "#"))
    }

    private mutating func add(site: String) {
        let queue = Self.siteQueue(site)
        queues.append(Queue(name: queue, kind: .quorum))
        bindings.append(
            Binding(exchange: Self.sites, queue: queue, routingKey: Self.siteRoutingKey(site)))
    }

    /// What a site's name must be, in words.
    public static let siteNameRule = "1 to 63 of a-z 0-9 -"

    /// Whether `name` can name a site: it becomes one word of a routing key and a part of a
    /// queue's name. See ``siteNameRule``.
    public static func isSiteName(_ name: String) -> Bool {
        (1...63).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "-")
            }
    }

    /// The queue that a site reads.
    public static func siteQueue(_ site: String) -> String { "imprimatur.site.\(site)" }

    /// The routing key on `imprimatur.sites` that reaches one site.
    public static func siteRoutingKey(_ site: String) -> String { "list.updated.\(site)" }

    public struct Exchange: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable { case topic, fanout, direct }
        public var name: String
        public var kind: Kind
        /// Takes what no queue is bound for.
        public var alternate: String?

        public init(name: String, kind: Kind, alternate: String? = nil) {
            self.name = name
            self.kind = kind
            self.alternate = alternate
        }
    }

    public struct Queue: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable { case quorum, stream, classic }
        public var name: String
        public var kind: Kind
        /// Without `x-queue-type`, which follows from `kind`.
        public var arguments: [String: Argument]

        public init(name: String, kind: Kind, arguments: [String: Argument] = [:]) {
            self.name = name
            self.kind = kind
            self.arguments = arguments
        }
    }

    public enum Argument: Sendable, Hashable {
        case string(String), integer(Int64), boolean(Bool)
    }

    public struct Binding: Sendable, Hashable {
        public var exchange: String
        public var queue: String
        public var routingKey: String

        public init(exchange: String, queue: String, routingKey: String) {
            self.exchange = exchange
            self.queue = queue
            self.routingKey = routingKey
        }
    }
}

/// One rung of the retry ladder: an exchange and a queue of the same name, `imprimatur.delay.10s`.
public struct RetryDelay: Sendable, Hashable {
    /// At least 1.
    public let milliseconds: Int64
    /// Exchange and queue.
    public var name: String { "imprimatur.delay.\(label)" }

    public static let standard = [10_000, 60_000, 600_000, 3_600_000].map(RetryDelay.init)

    public init(milliseconds: Int64) { self.milliseconds = max(milliseconds, 1) }

    public var duration: Duration { .milliseconds(milliseconds) }

    /// As short as it is exact: `1h`, `10m`, `10s`, `250ms`.
    public var label: String {
        for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1000)] as [(String, Int64)]
        where milliseconds % size == 0 {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}
