// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events

/// Progress events on their way out: in order, never waited for, the oldest dropped when the
/// broker is slower than the handlers.
struct ProgressFeed: Sendable {
    static let waitingMax = 64

    private let broker: any Broker
    private let stage: Stage
    private let waiting: AsyncStream<Event>
    private let entrance: AsyncStream<Event>.Continuation

    init(broker: any Broker, stage: Stage) {
        self.broker = broker
        self.stage = stage
        (waiting, entrance) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(Self.waitingMax))
    }

    func offer(_ event: Event) {
        entrance.yield(event)
    }

    /// Publishes until cancelled; a failure loses the report and nothing else.
    func run() async {
        for await event in waiting {
            guard let message = try? Message(event, from: stage) else { continue }
            try? await broker.publish(
                message, to: Topology.events, routingKey: event.type.routingKey)
        }
    }
}
