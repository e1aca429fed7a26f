// SPDX-License-Identifier: Apache-2.0

/// Why a broker operation failed.
public enum BrokerError: Error, Sendable, Hashable {
    /// No connection; nothing was sent. Try again.
    case unavailable(String)
    /// The connection went, or the confirm did not come in time: the message may have arrived.
    /// Publish it again with the same id.
    case outcomeUnknown(String)
    /// The broker refused it for now, for example because a queue is full. Try again later.
    case refused(String)
    /// No queue is bound for it.
    case unroutable(exchange: String, routingKey: String)
    /// Wrong credentials, no permission, or a queue or exchange that does not exist: a person has
    /// to act.
    case denied(String)
    /// ``Broker/close()`` was called.
    case closed
}

extension BrokerError: Disposed {
    public var disposition: Disposition {
        switch self {
        case .denied: .fatal
        default: .transient
        }
    }
}

extension BrokerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unavailable(let reason): "broker unavailable: \(reason)"
        case .outcomeUnknown(let reason): "no confirm from the broker: \(reason)"
        case .refused(let reason): "refused by the broker: \(reason)"
        case .unroutable(let exchange, let key):
            "no queue is bound for '\(key)' on exchange '\(exchange)'"
        case .denied(let reason): "denied by the broker: \(reason)"
        case .closed: "the broker connection was closed"
        }
    }
}
