// SPDX-License-Identifier: Apache-2.0

/// What can go wrong between a client and its broker.
///
/// No description holds a password or a message's content.
public enum AMQPError: Error, Sendable, Hashable {
    /// An argument that AMQP 0-9-1 cannot carry. Permanent: fix the caller.
    case invalid(String)
    /// The connection could not be made or was lost. Transient.
    case connectionFailed(LibraryFailure)
    /// The broker's certificate does not convince, or ours is missing or not accepted.
    case tlsFailed(LibraryFailure)
    /// User or password are wrong, or the vhost is not this user's. Permanent.
    case loginRefused(BrokerException)
    /// The broker closed the channel over one request: that request failed, for the reason given.
    case channelClosed(BrokerException)
    /// The broker closed the connection.
    case connectionClosed(BrokerException)
    /// No queue was bound for a mandatory message; it is in none. Permanent until someone binds.
    case unroutable(ReturnedMessage)
    /// The broker said `basic.nack`: a full queue that rejects, or an internal trouble. The
    /// message is not safe with the broker. Transient: publish again later.
    case refused
    /// The message was sent and no confirm came in time: it may or may not be in its queues.
    /// Transient: publish it again with the same message id, receivers discard duplicates.
    case confirmTimedOut
    /// The message was not sent in time: no connection, or blocked by a broker alarm. Transient.
    case unavailable(String)
    /// The connection or channel that brought the delivery is gone; the broker delivers it
    /// again. Nothing to do.
    case deliveryLost
    /// A delivery was settled twice. A mistake of the caller; the first one counts.
    case settledAlready
    /// The broker ended the subscription: the queue was deleted, for instance. The consumer
    /// subscribes again by itself.
    case consumerCancelled
    /// ``Publisher/close()`` or its like was called.
    case closed

    /// Whether the same call can succeed later without anybody changing anything.
    public var isTransient: Bool {
        switch self {
        case .connectionFailed, .refused, .confirmTimedOut, .unavailable, .deliveryLost,
            .consumerCancelled:
            true
        case .tlsFailed(let failure): !failure.isVerification
        case .channelClosed(let exception), .connectionClosed(let exception):
            exception.isTransient
        case .invalid, .loginRefused, .unroutable, .settledAlready, .closed: false
        }
    }

    /// Whether the message may be in its queues although the publish failed.
    public var isOutcomeUnknown: Bool { self == .confirmTimedOut }
}

extension AMQPError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalid(let reason): reason
        case .connectionFailed(let failure): "connection failed: \(failure)"
        case .tlsFailed(let failure): "TLS failed: \(failure)"
        case .loginRefused(let exception): "login refused: \(exception)"
        case .channelClosed(let exception): "\(exception)"
        case .connectionClosed(let exception): "broker closed the connection: \(exception)"
        case .unroutable(let message): "no queue takes the message: \(message)"
        case .refused: "the broker refused the message (basic.nack)"
        case .confirmTimedOut: "no confirm in time; the message may have been stored"
        case .unavailable(let reason): "not sent: \(reason)"
        case .deliveryLost: "the delivery's connection is gone; it will be delivered again"
        case .settledAlready: "the delivery was settled before"
        case .consumerCancelled: "the broker cancelled the consumer"
        case .closed: "closed"
        }
    }
}

/// A status of librabbitmq.
public struct LibraryFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// An `AMQP_STATUS_…` of `amqp.h`; 0 where the trouble is our own finding.
    public var code: Int32
    public var text: String
    /// What was being done: `connect`, `login`, `publish`, …
    public var operation: String

    public init(code: Int32, text: String, operation: String) {
        self.code = code
        self.text = text
        self.operation = operation
    }

    public var description: String { "\(operation): \(text) (\(code))" }
}

/// An AMQP 0-9-1 channel or connection exception (section 4.10; reply codes in section 1.6).
public struct BrokerException: Error, Sendable, Hashable, CustomStringConvertible {
    public var replyCode: Int
    public var replyText: String
    /// The method at fault; 0 where none is.
    public var classID: Int
    public var methodID: Int

    public init(replyCode: Int, replyText: String, classID: Int = 0, methodID: Int = 0) {
        self.replyCode = replyCode
        self.replyText = replyText
        self.classID = classID
        self.methodID = methodID
    }

    public static let connectionForced = 320
    public static let accessRefused = 403
    public static let notFound = 404
    public static let resourceLocked = 405
    public static let preconditionFailed = 406
    public static let notAllowed = 530
    public static let internalError = 541

    /// Forced by an operator, a resource trouble or an error inside the broker.
    public var isTransient: Bool {
        [Self.connectionForced, 311, Self.resourceLocked, 506, Self.internalError]
            .contains(replyCode)
    }

    public var description: String {
        classID == 0
            ? "\(replyCode) \(replyText)"
            : "\(replyCode) \(replyText) (class \(classID), method \(methodID))"
    }
}

/// Why a mandatory message came back (`basic.return`).
public struct ReturnedMessage: Sendable, Hashable, CustomStringConvertible {
    public var replyCode: Int
    public var replyText: String
    public var exchange: String
    public var routingKey: String

    public init(replyCode: Int, replyText: String, exchange: String, routingKey: String) {
        self.replyCode = replyCode
        self.replyText = replyText
        self.exchange = exchange
        self.routingKey = routingKey
    }

    public var description: String {
        "\(replyCode) \(replyText), exchange '\(exchange)', routing key '\(routingKey)'"
    }
}
