// SPDX-License-Identifier: Apache-2.0

/// What a consumer receives, for one task to iterate over. It ends with ``Consumer/cancel()``.
public struct Deliveries: AsyncSequence, Sendable {
    public typealias Element = Delivery
    public typealias Failure = Never

    let buffer: DeliveryBuffer
    let start: @Sendable () -> Void

    /// Starts the consumer where that has not been done.
    public func makeAsyncIterator() -> Iterator {
        start()
        return Iterator(buffer: buffer)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let buffer: DeliveryBuffer
        /// Taken over in one go, next one last.
        private var batch: [Delivery] = []

        init(buffer: DeliveryBuffer) { self.buffer = buffer }

        /// The next delivery; nil at the end, or when the task is cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async -> Delivery? {
            while true {
                if batch.isEmpty {
                    batch = await buffer.take()
                    batch.reverse()
                }
                guard let delivery = batch.popLast() else { return nil }
                if buffer.isEnded {
                    giveBack(delivery)
                } else if !delivery.isLost {
                    return delivery
                }
            }
        }

        /// Waits for one delivery and returns it with those that are there already.
        ///
        /// - Parameter max: at least 1.
        /// - Returns: empty at the end, or when the task is cancelled.
        public mutating func next(
            upTo max: Int, isolation actor: isolated (any Actor)? = #isolation
        ) async -> [Delivery] {
            guard let first = await next(isolation: actor) else { return [] }
            var deliveries = [first]
            while deliveries.count < max, let delivery = batch.popLast() {
                if !delivery.isLost { deliveries.append(delivery) }
            }
            return deliveries
        }

        /// Fails only for a delivery that is lost, and so is given back already.
        private func giveBack(_ delivery: Delivery) { try? delivery.nack(requeue: true) }
    }
}
