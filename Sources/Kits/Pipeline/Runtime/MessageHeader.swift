// SPDX-License-Identifier: Apache-2.0

/// AMQP headers the runtime writes and reads. Times are RFC 3339 in UTC.
public enum MessageHeader {
    /// How many attempts have failed, as an integer; absent before the first failure.
    public static let attempt = "x-imprimatur-attempt"
    /// How often the event was put off by its handler without a failure.
    public static let yields = "x-imprimatur-yields"
    /// How often a worker stopped for good while it handled the event.
    public static let stops = "x-imprimatur-stops"
    /// When the first attempt failed.
    public static let firstTime = "x-imprimatur-first-time"
    /// When the last attempt failed.
    public static let lastTime = "x-imprimatur-last-time"
    /// What the last attempt failed with, in words.
    public static let error = "x-imprimatur-error"
    /// Of a dead letter: why it was given up, a ``DeadLetter/Kind``.
    public static let errorKind = "x-imprimatur-error-kind"
    /// Of a dead letter: the stage that gave it up.
    public static let worker = "x-imprimatur-worker"
    /// Of a dead letter: the queue it was consumed from, where a retry sends it.
    public static let queue = "x-imprimatur-queue"

    /// The nine above.
    static func isOurs(_ name: String) -> Bool { all.contains(name) }

    private static let all: Set = [
        attempt, yields, stops, firstTime, lastTime, error, errorKind, worker, queue,
    ]

    /// Broker-made headers that tell a message's past; dropped when it is published anew, since
    /// the broker counts from there.
    static func isBrokerMade(_ name: String) -> Bool {
        name == "x-death" || name == "x-delivery-count" || name.hasPrefix("x-first-death-")
            || name.hasPrefix("x-last-death-")
    }
}
