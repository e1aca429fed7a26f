// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// A message between its caller and its confirm.
final class PendingPublish: @unchecked Sendable {
    // Sound: made by the caller, handed over through the inbox's lock, and from then on touched
    // on the publisher's queue only.
    let publication: Publication
    var deadline: ContinuousClock.Instant
    var wasSent = false
    var isSuspect = false
    /// Set when it came back; becomes the outcome once the confirm is there.
    var returned: AMQPError?
    private(set) var isDone = false
    private let batch: PublishBatch?
    private let index: Int

    /// - Parameter batch: who waits; nil for nobody.
    init(
        _ publication: Publication, deadline: ContinuousClock.Instant, batch: PublishBatch?,
        index: Int
    ) {
        self.publication = publication
        self.deadline = deadline
        self.batch = batch
        self.index = index
    }

    func finish(_ error: AMQPError?) {
        guard !isDone else { return }
        isDone = true
        batch?.finish(index, error)
    }
}

/// Messages one caller waits for: one continuation for all of them.
final class PublishBatch: @unchecked Sendable {
    // Sound: as PendingPublish; the continuation is resumed once, by the last message.
    private var remaining: Int
    private var errors: [Int: AMQPError] = [:]
    private let continuation: CheckedContinuation<[Int: AMQPError], Never>

    init(count: Int, _ continuation: CheckedContinuation<[Int: AMQPError], Never>) {
        remaining = count
        self.continuation = continuation
    }

    func finish(_ index: Int, _ error: AMQPError?) {
        if let error { errors[index] = error }
        remaining -= 1
        if remaining == 0 { continuation.resume(returning: errors) }
    }
}

/// Where callers leave messages for the publisher's queue. Many callers, one wake-up.
final class PublishInbox: Sendable {
    private struct Content {
        var publishes: [PendingPublish] = []
        var isClosed = false
    }

    private let content = Mutex(Content())

    enum Answer { case wake, awake, closed }

    func add(_ publishes: [PendingPublish]) -> Answer {
        content.withLock { content in
            guard !content.isClosed else { return .closed }
            let answer: Answer = content.publishes.isEmpty ? .wake : .awake
            content.publishes += publishes
            return answer
        }
    }

    func take() -> [PendingPublish] {
        content.withLock { content in
            defer { content.publishes = [] }
            return content.publishes
        }
    }

    func close() { content.withLock { $0.isClosed = true } }
}
