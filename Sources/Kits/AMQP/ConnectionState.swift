// SPDX-License-Identifier: Apache-2.0

/// How a publisher or consumer stands with its broker.
public enum ConnectionState: Sendable, Hashable {
    /// Not asked to connect yet.
    case idle
    case connecting
    /// A publisher can publish; a consumer is subscribed.
    case ready
    /// An alarm of the broker (memory, disk) holds this publisher back.
    case blocked(reason: String)
    /// A consumer has a connection and no queue: it was cancelled or the subscription failed. It
    /// tries again by itself.
    case notConsuming(AMQPError)
    /// Not connected; tries again by itself.
    case disconnected(AMQPError)
    case closed
}
