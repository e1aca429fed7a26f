// SPDX-License-Identifier: Apache-2.0
internal import CRabbitMQ

/// What the broker says, copied out of the library's memory.
enum Frame {
    /// `basic.ack`, or `basic.nack` where not `isPositive`.
    case confirm(tag: UInt64, isMultiple: Bool, isPositive: Bool)
    /// `basic.deliver`, `basic.return` or `basic.get-ok`; its header and body follow.
    case content(ContentHead)
    case header(bodyBytes: UInt64, properties: Message.Properties)
    case body([UInt8])
    case getEmpty
    /// The broker ended a consumer.
    case cancel
    case channelClose(BrokerException)
    case connectionClose(BrokerException)
    case blocked(reason: String)
    case unblocked
    /// Nothing that matters here.
    case other

    init(_ frame: amqp_frame_t) {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD: self.init(frame.payload.method)
        case AMQP_FRAME_HEADER:
            let properties = frame.payload.properties
            guard let decoded = properties.decoded, properties.class_id == AMQP_BASIC_CLASS else {
                self = .other
                return
            }
            let raw = decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee
            self = .header(
                bodyBytes: properties.body_size, properties: Message.Properties(raw))
        case AMQP_FRAME_BODY: self = .body([UInt8](frame.payload.body_fragment))
        default: self = .other
        }
    }

    private init(_ method: amqp_method_t) {
        guard let decoded = method.decoded else {
            self = method.id == AMQP_CONNECTION_UNBLOCKED_METHOD ? .unblocked : .other
            return
        }
        func arguments<T>(_ type: T.Type) -> T { decoded.assumingMemoryBound(to: type).pointee }
        switch method.id {
        case AMQP_BASIC_ACK_METHOD:
            let ack = arguments(amqp_basic_ack_t.self)
            self = .confirm(
                tag: ack.delivery_tag, isMultiple: ack.multiple != 0, isPositive: true)
        case AMQP_BASIC_NACK_METHOD:
            let nack = arguments(amqp_basic_nack_t.self)
            self = .confirm(
                tag: nack.delivery_tag, isMultiple: nack.multiple != 0, isPositive: false)
        case AMQP_BASIC_DELIVER_METHOD:
            self = .content(.delivery(arguments(amqp_basic_deliver_t.self)))
        case AMQP_BASIC_RETURN_METHOD:
            self = .content(.returned(arguments(amqp_basic_return_t.self)))
        case AMQP_BASIC_GET_OK_METHOD:
            self = .content(.fetched(arguments(amqp_basic_get_ok_t.self)))
        case AMQP_BASIC_GET_EMPTY_METHOD: self = .getEmpty
        case AMQP_BASIC_CANCEL_METHOD: self = .cancel
        case AMQP_CHANNEL_CLOSE_METHOD:
            self = .channelClose(BrokerException(arguments(amqp_channel_close_t.self)))
        case AMQP_CONNECTION_CLOSE_METHOD:
            self = .connectionClose(BrokerException(arguments(amqp_connection_close_t.self)))
        case AMQP_CONNECTION_BLOCKED_METHOD:
            self = .blocked(reason: String(arguments(amqp_connection_blocked_t.self).reason))
        case AMQP_CONNECTION_UNBLOCKED_METHOD: self = .unblocked
        default: self = .other
        }
    }
}

/// The method that announces a message.
enum ContentHead: Sendable, Hashable {
    case delivery(tag: UInt64, isRedelivered: Bool, exchange: String, routingKey: String)
    case returned(ReturnedMessage)
    case fetched(
        tag: UInt64, isRedelivered: Bool, exchange: String, routingKey: String, remaining: Int)

    static func delivery(_ raw: amqp_basic_deliver_t) -> Self {
        .delivery(
            tag: raw.delivery_tag, isRedelivered: raw.redelivered != 0,
            exchange: String(raw.exchange), routingKey: String(raw.routing_key))
    }

    static func returned(_ raw: amqp_basic_return_t) -> Self {
        .returned(
            ReturnedMessage(
                replyCode: Int(raw.reply_code), replyText: String(raw.reply_text),
                exchange: String(raw.exchange), routingKey: String(raw.routing_key)))
    }

    static func fetched(_ raw: amqp_basic_get_ok_t) -> Self {
        .fetched(
            tag: raw.delivery_tag, isRedelivered: raw.redelivered != 0,
            exchange: String(raw.exchange), routingKey: String(raw.routing_key),
            remaining: Int(raw.message_count))
    }
}
