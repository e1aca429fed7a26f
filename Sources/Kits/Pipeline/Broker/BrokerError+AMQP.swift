// SPDX-License-Identifier: Apache-2.0
import AMQP

extension BrokerError {
    /// What an error of the AMQP kit means for the pipeline.
    init(_ error: AMQPError) {
        switch error {
        case .unroutable(let message):
            self = .unroutable(exchange: message.exchange, routingKey: message.routingKey)
        case .refused: self = .refused("basic.nack")
        case .confirmTimedOut: self = .outcomeUnknown("no confirm in time")
        case .closed: self = .closed
        case .loginRefused, .invalid, .settledAlready: self = .denied("\(error)")
        case .unavailable, .deliveryLost, .connectionFailed, .consumerCancelled:
            self = .unavailable("\(error)")
        case .channelClosed(let exception) where exception.replyCode == BrokerException.notFound:
            self = .denied("\(exception); 'imprimatur topology declare' makes what is missing")
        case .tlsFailed, .channelClosed, .connectionClosed:
            self = error.isTransient ? .unavailable("\(error)") : .denied("\(error)")
        }
    }
}
