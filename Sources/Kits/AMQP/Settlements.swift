// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// How acknowledgements are written.
public enum AckMode: Sendable, Hashable {
    /// One frame each.
    case each
    /// One frame for up to this many in a row (`multiple`), or a few milliseconds after the
    /// first. Faster; after a crash a few handled deliveries more come again.
    case coalesced(Int)
}

/// What a receiver can say about a delivery.
enum Settlement: Sendable, Hashable {
    case ack
    /// Covers all before it, too.
    case ackThrough
    case reject(requeue: Bool)
}

/// Which deliveries of a channel are open, and what their receivers have said: the way from any
/// task to the connection's queue.
///
/// Each channel is an epoch; tags count from 1 in each. What belongs to an earlier epoch is lost.
final class Settlements: Sendable {
    private struct Content {
        var epoch: UInt64 = 0
        var open = OpenTags()
        var due: [(tag: UInt64, settlement: Settlement)] = []
        var isWoken = false
        /// Acknowledged in the run from the first open tag on, not yet written.
        var unwritten = 0
    }

    private let content = Mutex(Content())
    private let coalesced: Int
    /// Called once when there is something to write, with whether it may wait a little.
    private let wake: @Sendable (_ canWait: Bool) -> Void

    init(mode: AckMode, prefetch: Int, wake: @escaping @Sendable (_ canWait: Bool) -> Void) {
        switch mode {
        case .each: coalesced = 1
        // More than half the prefetch would starve the consumer of credit.
        case .coalesced(let count): coalesced = max(1, min(count, prefetch / 2))
        }
        self.wake = wake
    }

    var epoch: UInt64 { content.withLock { $0.epoch } }

    /// A new channel: all open deliveries are lost.
    func beginEpoch() {
        content.withLock { content in
            content = Content(epoch: content.epoch + 1, isWoken: content.isWoken)
        }
    }

    /// Deliveries have come, the last of them with this tag. Returns their epoch, or nil when the
    /// tag cannot be.
    @discardableResult
    func admit(through tag: UInt64) -> UInt64? {
        content.withLock { $0.open.admit(through: tag) ? $0.epoch : nil }
    }

    func settle(
        _ tag: UInt64, epoch: UInt64, _ settlement: Settlement
    ) throws(AMQPError) {
        let canWait: Bool? = try content.withLock { content throws(AMQPError) in
            guard content.epoch == epoch else { throw .deliveryLost }
            let isDirect = coalesced == 1 || settlement != .ack
            guard content.open.close(tag, isWritten: isDirect) else { throw .settledAlready }
            if isDirect {
                content.due.append((tag, settlement))
            } else {
                content.unwritten += 1
            }
            let isUrgent = !content.due.isEmpty || content.unwritten >= coalesced
            if isUrgent {
                defer { content.isWoken = true }
                return content.isWoken ? nil : false
            }
            return content.unwritten == 1 ? true : nil
        }
        if let canWait { wake(canWait) }
    }

    /// What is to be written now.
    func take() -> [(tag: UInt64, settlement: Settlement)] {
        content.withLock { content in
            content.isWoken = false
            content.unwritten = 0
            let run = content.open.forgetRun()
            var due = content.due
            content.due = []
            guard coalesced > 1 else { return due }
            if let run { due.append((run, .ackThrough)) }
            for tag in content.open.writeRest() { due.append((tag, .ack)) }
            return due
        }
    }
}
