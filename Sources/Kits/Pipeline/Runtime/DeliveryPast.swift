// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events

/// What a message's headers tell of earlier attempts.
struct DeliveryPast: Sendable, Hashable {
    /// Attempts that failed and were retried through a delay.
    var failures = 0
    /// Deliveries since then that were never settled: a worker that was killed or lost its
    /// connection. The broker counts them and parks the message itself at
    /// ``Events/Topology/deliveryLimit``.
    var redeliveries = 0
    var yields = 0
    /// Workers that stopped for good over it.
    var stops = 0
    var firstFailure: Timestamp?

    /// 1 for the first delivery.
    var attempt: Int { failures + redeliveries + 1 }

    init() {}

    init(_ message: Message) {
        failures = Self.count(message, MessageHeader.attempt)
        yields = Self.count(message, MessageHeader.yields)
        stops = Self.count(message, MessageHeader.stops)
        redeliveries = Self.count(message, "x-delivery-count")
        firstFailure = message.text(MessageHeader.firstTime).flatMap { Timestamp($0) }
    }

    /// Headers are as hostile as bodies: no count goes beyond what can be added up.
    private static func count(_ message: Message, _ header: String) -> Int {
        Int(min(max(message.number(header) ?? 0, 0), 1_000_000))
    }
}
