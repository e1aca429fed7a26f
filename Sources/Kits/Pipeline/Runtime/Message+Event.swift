// SPDX-License-Identifier: Apache-2.0
public import AMQP
public import Events

extension Message {
    /// An event as it travels. The properties repeat what tools show: message-id is the event's
    /// id, correlation-id the publication's.
    ///
    /// - Parameter appID: the program that sends it, such as `imprimatur-fetcher`.
    /// - Throws: ``Events/EventError/tooLarge(bytes:)``.
    public init(_ event: Event, appID: String) throws(EventError) {
        self.init(body: try event.encoded())
        properties.contentType = Event.contentType
        properties.messageID = event.id
        properties.correlationID = event.publication
        properties.type = event.type.cloudEventsType
        properties.appID = appID
        properties.timestamp = UInt64(event.time.seconds)
        properties.deliveryMode = .persistent
    }

    init(_ event: Event, from stage: Stage) throws(EventError) {
        try self.init(event, appID: "imprimatur-\(stage.rawValue)")
    }

    /// The message as it goes into a delay queue after a failed attempt, or a yield.
    func retried(after past: DeliveryPast, why: String, isAttempt: Bool) -> Message {
        replacingPast { headers in
            if isAttempt {
                headers[MessageHeader.attempt] = .integer(Int64(past.failures + 1))
                Self.record(why, past, in: &headers)
            } else {
                headers[MessageHeader.yields] = .integer(Int64(past.yields + 1))
            }
        }
    }

    /// The message as it goes into `imprimatur.dead`.
    func parked(
        after past: DeliveryPast, by stage: Stage, kind: DeadLetter.Kind, why: String
    ) -> Message {
        replacingPast { headers in
            headers[MessageHeader.attempt] = .integer(Int64(past.failures + 1))
            headers[MessageHeader.errorKind] = .string(kind.rawValue)
            headers[MessageHeader.worker] = .string(stage.rawValue)
            headers[MessageHeader.queue] = .string(stage.queue)
            Self.record(why, past, in: &headers)
        }
    }

    private static func record(
        _ why: String, _ past: DeliveryPast, in headers: inout [String: FieldValue]
    ) {
        let now = Timestamp.now
        headers[MessageHeader.error] = .string(String(why.prefix(Resolver.textMax)))
        headers[MessageHeader.firstTime] = .string((past.firstFailure ?? now).description)
        headers[MessageHeader.lastTime] = .string(now.description)
    }

    /// A copy to publish anew: body and properties as they came, the broker's own marks dropped.
    ///
    /// A message that somebody sent with an expiration or as transient shall not be lost on its
    /// way round, and a user-id is valid only for who sent it first.
    private func replacingPast(_ change: (inout [String: FieldValue]) -> Void) -> Message {
        var copy = self
        copy.properties.deliveryMode = .persistent
        copy.properties.expiration = nil
        copy.properties.userID = nil
        copy.properties.headers = properties.headers.filter {
            !MessageHeader.isBrokerMade($0.key)
        }
        change(&copy.properties.headers)
        return copy
    }

    /// A copy without any past, for a fresh start.
    func withoutPast() -> Message {
        replacingPast { headers in
            headers = headers.filter { !$0.key.hasPrefix("x-imprimatur-") }
        }
    }

    func text(_ header: String) -> String? { properties.headers[header]?.string }

    func number(_ header: String) -> Int64? { properties.headers[header]?.integer }
}
