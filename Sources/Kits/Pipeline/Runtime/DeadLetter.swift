// SPDX-License-Identifier: Apache-2.0
public import AMQP
public import Events

/// A message that was given up and waits in `imprimatur.dead` for a person.
public struct DeadLetter: Sendable {
    /// Why it was given up.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Not an event of this pipeline, or one that breaks its schema.
        case undecodable
        /// An event, but none that this stage consumes.
        case unexpectedType = "unexpected-type"
        /// Tried as often as the setting `attempts` allows.
        case attemptsExhausted = "attempts-exhausted"
        /// Its handler put it off again and again.
        case yieldsExhausted = "yields-exhausted"
        /// What the handler made of it cannot be published.
        case unpublishable
        /// Delivered again and again without ever being settled; parked by the broker itself.
        case deliveryLimit = "delivery-limit"
    }

    public var message: Message
    /// The stage that gave it up, when known.
    public var worker: String?
    public var kind: Kind?
    public var reason: String
    public var attempts: Int
    public var firstTime: Timestamp?
    public var lastTime: Timestamp?
    /// Where it was consumed from, and where a retry sends it.
    public var queue: String?

    /// Reads a message of the queue `imprimatur.dead`.
    public init(_ message: Message) {
        self.message = message
        let parkedByBroker = message.text(MessageHeader.errorKind) == nil
        queue =
            message.text(MessageHeader.queue) ?? Self.lastQueue(message)
            ?? message.text("x-first-death-queue")
        let stage = Stage.allCases.first { [queue] in $0.queue == queue }
        worker = message.text(MessageHeader.worker) ?? stage?.rawValue
        kind =
            parkedByBroker
            ? .deliveryLimit : message.text(MessageHeader.errorKind).flatMap(Kind.init)
        reason =
            parkedByBroker
            ? "delivered \(Topology.deliveryLimit) times without being settled"
            : message.text(MessageHeader.error) ?? ""
        attempts = DeliveryPast(message).failures
        firstTime = message.text(MessageHeader.firstTime).flatMap { Timestamp($0) }
        lastTime = message.text(MessageHeader.lastTime).flatMap { Timestamp($0) }
    }

    /// The queue whose delivery limit the message reached. Its first death may have been the end
    /// of a delay, and a delay's queue sends nothing home that was not sent through it.
    private static func lastQueue(_ message: Message) -> String? {
        guard case .array(let deaths)? = message.properties.headers["x-death"] else { return nil }
        for case .table(let death) in deaths where death["reason"]?.string == "delivery_limit" {
            return death["queue"]?.string
        }
        return nil
    }

    /// The message as its publisher sent it, without a past: what a retry publishes through the
    /// default exchange to ``queue``.
    public var restored: Message { message.withoutPast() }
}
