// SPDX-License-Identifier: Apache-2.0

/// A message that a queue gave us, to be settled exactly once.
///
/// Settling does not wait: what is said is written to the broker soon. AMQP has no answer to it;
/// when the connection breaks before it is written, the broker delivers the message again.
public struct Delivery: Sendable {
    public let message: Message
    public let exchange: String
    public let routingKey: String
    /// It was delivered before, perhaps to somebody else, and not acknowledged.
    public let isRedelivered: Bool
    let tag: UInt64
    let epoch: UInt64
    let settlements: Settlements

    /// The message is dealt with: the queue forgets it.
    ///
    /// - Throws: ``AMQPError/deliveryLost`` or ``AMQPError/settledAlready``.
    public func ack() throws(AMQPError) {
        try settlements.settle(tag, epoch: epoch, .ack)
    }

    /// Gives it back to the queue, or has it dead-lettered (dropped where the queue has no
    /// dead-letter exchange).
    public func nack(requeue: Bool = true) throws(AMQPError) {
        try settlements.settle(tag, epoch: epoch, .reject(requeue: requeue))
    }

    /// The same as ``nack(requeue:)`` for one message, with the other default.
    public func reject(requeue: Bool = false) throws(AMQPError) {
        try settlements.settle(tag, epoch: epoch, .reject(requeue: requeue))
    }

    /// The channel it came on is gone; the broker delivers it again.
    public var isLost: Bool { settlements.epoch != epoch }
}
