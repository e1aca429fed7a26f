// SPDX-License-Identifier: Apache-2.0
import Events

/// What the runtime does with an event once its handler is through: pure, decided in one place.
enum Resolution: Sendable {
    /// Publish these, then acknowledge.
    case publish([Event], Result)
    /// Publish the original again through a delay, then acknowledge. `isAttempt` false for a yield.
    case delay(RetryDelay, why: String, isAttempt: Bool)
    /// Publish the original to `imprimatur.dead`, then acknowledge.
    case park(DeadLetter.Kind, why: String)
    /// Leave it in its queue.
    case giveBack(why: String)
    /// Stop this worker. The original takes the way through a delay, if there is one, so that the
    /// broker does not count the delivery: a worker that is started again and again over one
    /// fault would else use up the delivery limit of events that did nothing wrong.
    case stop(any Error, putAside: RetryDelay?)

    enum Result: Sendable {
        case done, rejected
    }

    /// The name of the outcome in metrics and logs.
    var label: String {
        switch self {
        case .publish(_, .done): "done"
        case .publish(_, .rejected): "rejected"
        case .delay(_, _, isAttempt: true): "retried"
        case .delay(_, _, isAttempt: false): "yielded"
        case .park: "parked"
        case .giveBack: "given-back"
        case .stop: "fatal"
        }
    }

    static let labels = [
        "done", "rejected", "retried", "yielded", "parked", "given-back", "fatal",
    ]
}

/// Decides what follows from a handler's outcome or error.
struct Resolver: Sendable {
    /// Yields after which an event is parked: a handler that never ends is a fault too.
    static let yieldMax = 1000
    /// Workers that one event may stop, over about two days: it may be the cause after all.
    static let stopMax = 300
    /// Longest text of an error that goes into a header or an event, in Unicode scalars: a single
    /// character may be of any length.
    static let textMax = 2000

    let stage: Stage
    let retry: RetryPolicy

    func resolve(_ outcome: Outcome, of event: Event, _ past: DeliveryPast) -> Resolution {
        switch outcome {
        case .done(let events): return .publish(events, .done)
        case .reject(let rejection): return reject(rejection, event)
        case .retry(let after, let why): return again(after: after, why: why, past)
        case .yield(let after, let why):
            guard past.yields < Self.yieldMax else {
                return .park(.yieldsExhausted, why: "put off \(past.yields) times; \(why)")
            }
            return .delay(retry.nearest(to: after), why: why, isAttempt: false)
        }
    }

    func resolve(_ error: any Error, of event: Event, _ past: DeliveryPast) -> Resolution {
        let why = Self.text(error)
        switch (error as? any Disposed)?.disposition ?? .transient {
        case .transient: return again(after: nil, why: why, past)
        case .fatal: return stop(error, past)
        case .permanent:
            return reject(
                Rejection(stage: stage, rule: "permanent-error", message: why), event)
        }
    }

    func again(after wish: Duration?, why: String, _ past: DeliveryPast) -> Resolution {
        let attempt = past.failures + 1
        guard let delay = retry.delay(afterAttempt: attempt, wish: wish) else {
            return .park(.attemptsExhausted, why: why)
        }
        return .delay(delay, why: why, isAttempt: true)
    }

    func stop(_ error: any Error, _ past: DeliveryPast) -> Resolution {
        guard past.stops < Self.stopMax else {
            let why = "\(past.stops) workers stopped over it; \(Self.text(error))"
            return .park(.attemptsExhausted, why: why)
        }
        return .stop(error, putAside: retry.delay(afterStop: past.stops + 1))
    }

    /// The rejection keeps what is known of the publication, as long as it fits into an event.
    func reject(_ rejection: Rejection, _ event: Event) -> Resolution {
        var rejection = rejection
        rejection.message = Self.bounded(rejection.message)
        func rejected(_ data: [String: JSONValue]) -> Event {
            Event(
                id: DerivedIdentifier.event(from: event.id, type: .imageRejected),
                source: stage.source, type: .imageRejected, subject: event.subject, time: .now,
                publication: event.publication, traceparent: event.traceparent,
                extensions: event.extensions, data: data)
        }
        do throws(EventError) {
            let full = rejected(try event.data(adding: rejection))
            _ = try full.encoded()
            return .publish([full], .rejected)
        } catch {
            rejection.evidence = [:]
            let bare = rejected([:])
            guard let data = try? bare.data(adding: rejection) else {
                return .park(.unpublishable, why: rejection.message)
            }
            return .publish([rejected(data)], .rejected)
        }
    }

    static func text(_ error: any Error) -> String { bounded("\(error)") }

    static func bounded(_ text: String) -> String { String(text.unicodeScalars.prefix(textMax)) }
}
