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

    /// The message as it goes into a delay queue because the worker stops for good.
    func putAside(after past: DeliveryPast, why: String) -> Message {
        replacingPast { headers in
            headers[MessageHeader.stops] = .integer(Int64(past.stops + 1))
            Self.record(why, past, in: &headers)
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
        headers[MessageHeader.error] = .string(Resolver.bounded(why))
        headers[MessageHeader.firstTime] = .string((past.firstFailure ?? now).description)
        headers[MessageHeader.lastTime] = .string(now.description)
    }

    /// A copy to publish anew: body and properties as they came, the broker's own marks dropped.
    ///
    /// A message that somebody sent with an expiration or as transient shall not be lost on its
    /// way round, and a user-id is valid only for who sent it first. Foreign properties that would
    /// not go through again are dropped: nobody's headers may keep a message from being parked.
    private func replacingPast(_ change: (inout [String: FieldValue]) -> Void) -> Message {
        var copy = self
        copy.properties.deliveryMode = .persistent
        copy.properties.expiration = nil
        copy.properties.userID = nil
        copy.properties.headers = properties.headers.filter {
            !MessageHeader.isBrokerMade($0.key)
        }
        copy.properties.limitForeignParts()
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

extension Message.Properties {
    /// Most bytes of the headers that a message brings along, and of one of them: with those the
    /// runtime sets, well below ``AMQP/Message/headerBytesMax``.
    private static let headersBytesMax = 32_768
    private static let headerBytesMax = 8192

    /// Drops what could not be sent: broken UTF-8 grows when it is read, and headers that arrive
    /// may be larger than those that leave.
    fileprivate mutating func limitForeignParts() {
        let texts: [WritableKeyPath<Self, String?>] = [
            \.contentType, \.contentEncoding, \.correlationID, \.replyTo, \.messageID, \.type,
            \.appID,
        ]
        for text in texts
        where (self[keyPath: text]?.utf8.count ?? 0) > Message.shortStringBytesMax {
            self[keyPath: text] = nil
        }
        var room = Self.headersBytesMax
        let ours = headers.filter { MessageHeader.isOurs($0.key) }
        let foreign = headers.filter { ours[$0.key] == nil }.sorted { $0.key < $1.key }
        headers = [:]
        for (name, value) in Array(ours) + foreign {
            guard name.utf8.count <= Message.shortStringBytesMax, let bytes = Self.size(value),
                bytes <= Self.headerBytesMax, name.utf8.count + bytes <= room
            else { continue }
            room -= name.utf8.count + bytes
            headers[name] = value
        }
    }

    /// Bytes, about; nil for what holds other values.
    private static func size(_ value: FieldValue) -> Int? {
        switch value {
        case .string(let text): text.utf8.count + 8
        case .bytes(let bytes): bytes.count + 8
        case .array, .table: nil
        case .integer, .boolean, .double, .timestamp, .decimal, .null: 16
        }
    }
}
