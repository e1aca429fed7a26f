// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Deliveries between the connection's queue and the task that takes them. The prefetch bounds it.
final class DeliveryBuffer: Sendable {
    private struct Content {
        var deliveries: [Delivery] = []
        var isEnded = false
        var waiter: CheckedContinuation<[Delivery], Never>?
    }

    private let content = Mutex(Content())

    var isEnded: Bool { content.withLock { $0.isEnded } }

    func append(_ deliveries: [Delivery]) {
        let waiter = content.withLock { content -> CheckedContinuation<[Delivery], Never>? in
            guard let waiter = content.waiter.take() else {
                content.deliveries += deliveries
                return nil
            }
            return waiter
        }
        waiter?.resume(returning: deliveries)
    }

    /// All that is there, waiting for at least one. Empty at the end or when the task is
    /// cancelled. One task at a time.
    func take() async -> [Delivery] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = content.withLock { content -> [Delivery]? in
                    guard !content.isEnded, !Task.isCancelled, content.deliveries.isEmpty else {
                        defer { content.deliveries = [] }
                        return content.deliveries
                    }
                    content.waiter = continuation
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            content.withLock { $0.waiter.take() }?.resume(returning: [])
        }
    }

    /// Empties it and returns what was in it.
    func clear() -> [Delivery] {
        content.withLock { content in
            defer { content.deliveries = [] }
            return content.deliveries
        }
    }

    /// No more deliveries. Returns those that nobody took.
    func end() -> [Delivery] {
        let (rest, waiter) = content.withLock { content in
            defer { content.deliveries = [] }
            content.isEnded = true
            return (content.deliveries, content.waiter.take())
        }
        waiter?.resume(returning: [])
        return rest
    }
}
