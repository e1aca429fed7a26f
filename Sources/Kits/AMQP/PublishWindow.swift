// SPDX-License-Identifier: Apache-2.0

/// Which messages wait, which are on their way, and what became of them. No IO, no clock.
///
/// A broken channel does not say which publish broke it. So after a channel or connection
/// exception the unconfirmed messages become suspects and are sent one at a time, until the one
/// that is alone on its way when the exception comes again is known to be the culprit.
struct PublishWindow {
    /// How many messages, and how many bytes of body, may await their confirm.
    let countMax: Int
    let bytesMax: Int

    private var waiting = FIFO<PendingPublish>()
    /// The element at index i has the delivery tag `firstTag + i`. Those done out of order or
    /// expired stay until all before them are done.
    private var sent = FIFO<PendingPublish>()
    private var firstTag: UInt64 = 1
    private var inFlightCount = 0
    private var inFlightBytes = 0
    private var isSuspectInFlight = false

    init(countMax: Int, bytesMax: Int) {
        self.countMax = max(countMax, 1)
        self.bytesMax = bytesMax
    }

    var isEmpty: Bool { waiting.isEmpty && inFlightCount == 0 }
    var waitingCount: Int { waiting.count }
    /// Sent, given up by their caller, and still not confirmed by the broker.
    var overdueCount: Int { sent.count - inFlightCount }

    mutating func submit(_ publishes: [PendingPublish]) {
        for publish in publishes { waiting.append(publish) }
    }

    /// The message to send now, which thereby counts as sent; nil when none may be.
    mutating func next() -> PendingPublish? {
        guard let publish = waiting.first, !isSuspectInFlight else { return nil }
        if inFlightCount > 0 {
            let hasRoom = inFlightCount < countMax && inFlightBytes < bytesMax
            guard hasRoom, !publish.isSuspect else { return nil }
        }
        _ = waiting.popFirst()
        sent.append(publish)
        publish.wasSent = true
        inFlightCount += 1
        inFlightBytes += publish.publication.message.body.count
        isSuspectInFlight = publish.isSuspect
        return publish
    }

    /// Takes a `basic.ack` (no error) or `basic.nack`. False when there is no such tag.
    mutating func confirm(tag: UInt64, isMultiple: Bool, error: AMQPError?) -> Bool {
        guard tag >= firstTag, tag - firstTag < UInt64(sent.count) else { return false }
        let index = Int(tag - firstTag)
        for position in (isMultiple ? 0 : index)...index {
            if let publish = sent[position] { finish(publish, error ?? publish.returned) }
        }
        while let first = sent.first, first.isDone {
            _ = sent.popFirst()
            firstTag += 1
        }
        return true
    }

    /// Matches a `basic.return`, which bears no tag and comes before the confirm. Returns come in
    /// the order of publishing, so it is the first message that looks the same.
    mutating func markReturned(_ returned: ReturnedMessage, messageID: String?) -> Bool {
        for index in 0..<sent.count {
            guard let publish = sent[index], !publish.isDone, publish.returned == nil else {
                continue
            }
            let publication = publish.publication
            if publication.mandatory, publication.exchange == returned.exchange,
                publication.routingKey == returned.routingKey,
                publication.message.properties.messageID == messageID
            {
                publish.returned = .unroutable(returned)
                return true
            }
        }
        return false
    }

    /// The channel is gone, and with it all tags. What was not confirmed is sent again.
    ///
    /// - Parameter blame: the exception, where a publish may have caused it.
    mutating func abandon(blame: AMQPError?) {
        let open = sent.removeAll().filter { !$0.isDone }
        firstTag = 1
        (inFlightCount, inFlightBytes, isSuspectInFlight) = (0, 0, false)
        if let blame, open.count == 1 {
            open[0].finish(blame)
            return
        }
        for publish in open {
            publish.returned = nil
            if blame != nil { publish.isSuspect = true }
        }
        waiting.prepend(open)
    }

    /// Ends what is past its deadline.
    ///
    /// - Parameter reason: why messages could not be sent.
    mutating func expire(at now: ContinuousClock.Instant, reason: String) {
        for index in 0..<sent.count {
            if let publish = sent[index], !publish.isDone, publish.deadline <= now {
                finish(publish, .confirmTimedOut)
            }
        }
        endWaiting { publish in
            guard publish.deadline <= now else { return nil }
            return publish.wasSent ? .confirmTimedOut : .unavailable(reason)
        }
    }

    /// Ends what was never sent, for a reason that will not pass by itself.
    mutating func failUnsent(_ error: AMQPError) {
        endWaiting { $0.wasSent ? nil : error }
    }

    /// No deadline is later than this any more.
    func hurry(to deadline: ContinuousClock.Instant) {
        waiting.forEach { $0.deadline = min($0.deadline, deadline) }
        sent.forEach { $0.deadline = min($0.deadline, deadline) }
    }

    private mutating func endWaiting(_ verdict: (PendingPublish) -> AMQPError?) {
        var isAnyDone = false
        waiting.forEach { publish in
            guard let error = verdict(publish) else { return }
            publish.finish(error)
            isAnyDone = true
        }
        if isAnyDone { waiting.removeAll { $0.isDone } }
    }

    private mutating func finish(_ publish: PendingPublish, _ error: AMQPError?) {
        guard !publish.isDone else { return }
        inFlightCount -= 1
        inFlightBytes -= publish.publication.message.body.count
        if publish.isSuspect { isSuspectInFlight = false }
        publish.finish(error)
    }
}
