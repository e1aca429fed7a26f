// SPDX-License-Identifier: Apache-2.0

/// What a publisher sends and a consumer receives.
public struct Message: Sendable, Hashable {
    public var body: [UInt8]
    public var properties: Properties

    public init(body: [UInt8], properties: Properties = Properties()) {
        self.body = body
        self.properties = properties
    }

    /// The largest body either way, in bytes: RabbitMQ's own limit before 4.0.
    public static let bodyBytesMax = 134_217_728
    /// The largest table of headers when encoded, in bytes: well inside one frame.
    public static let headerBytesMax = 65_536
    /// Strings of properties, exchanges and routing keys: AMQP's short strings, in UTF-8 bytes.
    public static let shortStringBytesMax = 255

    /// The properties of AMQP 0-9-1, class basic. Strings are at most 255 bytes long.
    public struct Properties: Sendable, Hashable {
        public var contentType: String?
        public var contentEncoding: String?
        public var headers: [String: FieldValue] = [:]
        /// Persistent messages in durable queues survive a broker restart.
        public var deliveryMode: DeliveryMode? = .persistent
        /// 0 to 255; larger is more urgent, in queues that have priorities.
        public var priority: UInt8?
        public var correlationID: String?
        public var replyTo: String?
        /// Time to live: milliseconds, in decimal digits.
        public var expiration: String?
        public var messageID: String?
        /// Seconds since 1970.
        public var timestamp: UInt64?
        public var type: String?
        /// Checked by the broker: the user the connection logged in as, or nil.
        public var userID: String?
        public var appID: String?

        public init() {}
    }
}

/// Whether a message is written to disk.
public enum DeliveryMode: UInt8, Sendable, Hashable { case transient = 1, persistent = 2 }

/// A message and where it shall go.
public struct Publication: Sendable, Hashable {
    public var message: Message
    /// Empty: the default exchange, whose routing keys are queue names.
    public var exchange: String
    public var routingKey: String
    /// Whether it is an error that no queue takes the message (``AMQPError/unroutable(_:)``).
    public var mandatory: Bool

    public init(
        _ message: Message, exchange: String, routingKey: String, mandatory: Bool = true
    ) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
    }

    /// librabbitmq cuts a longer string silently and breaks the frame: so it is refused before.
    func validate() throws(AMQPError) {
        let properties = message.properties
        try Self.checkShort(exchange, "exchange")
        try Self.checkShort(routingKey, "routing key")
        try Self.checkShort(properties.contentType, "content type")
        try Self.checkShort(properties.contentEncoding, "content encoding")
        try Self.checkShort(properties.correlationID, "correlation id")
        try Self.checkShort(properties.replyTo, "reply-to")
        try Self.checkShort(properties.expiration, "expiration")
        try Self.checkShort(properties.messageID, "message id")
        try Self.checkShort(properties.type, "type")
        try Self.checkShort(properties.userID, "user id")
        try Self.checkShort(properties.appID, "app id")
        if message.body.count > Message.bodyBytesMax {
            throw .invalid("body: longer than \(Message.bodyBytesMax) bytes")
        }
        if !properties.headers.isEmpty { try FieldValue.validate(properties.headers, "headers") }
    }

    static func checkShort(_ text: String?, _ field: String) throws(AMQPError) {
        if let text, text.utf8.count > Message.shortStringBytesMax {
            throw .invalid("\(field): longer than \(Message.shortStringBytesMax) bytes")
        }
    }
}
