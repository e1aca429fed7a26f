// SPDX-License-Identifier: Apache-2.0
public import Events

/// A stage's one job.
///
/// The runtime delivers an event, calls the handler, publishes what the outcome holds, awaits the
/// confirms and only then acknowledges. It may deliver the same event again, after a crash for
/// instance, possibly while another process works on it: so the same event must give the same
/// outcome, and effects outside are checked before they are repeated. Several calls run at once,
/// bounded by the setting `concurrency`.
///
/// Bad input is ``Outcome/reject(_:)``. A failure is a thrown error: one that says of itself that
/// it is permanent (``Disposed``) rejects the publication, one that is fatal stops the worker and
/// lets the event come back to its queue a little later, any other is tried again later, a bounded
/// number of times.
public protocol Handler: Sendable {
    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome
}

/// A handler that works on several events in one go, as list-publisher commits them.
public protocol BatchHandler: Sendable {
    /// The largest batch, at least 1.
    var batchMax: Int { get }

    /// Returns one outcome per event, in their order. All events of all outcomes are published
    /// and confirmed before the first input is acknowledged, so an event that stands for the
    /// whole batch is returned once. A thrown error counts for every event of the batch.
    func handle(_ events: [Event], _ context: HandlerContext) async throws -> [Outcome]
}

/// What becomes of an event.
public enum Outcome: Sendable, Hashable {
    /// Finished: these follow from it (``HandlerContext/emit(_:from:adding:)``).
    case done([Event])
    /// A passing trouble: try again after about this long (the nearest retry delay; the next rung
    /// of the ladder when nil). Bounded by the setting `attempts`, then parked in
    /// `imprimatur.dead`.
    case retry(after: Duration?, why: String)
    /// Not finished yet: progress is saved in the store, go on after about this long. Not counted
    /// as an attempt.
    case yield(after: Duration, why: String)
    /// Bad input, final: published as `image.rejected`.
    case reject(Rejection)
}

/// What a failure means for the event being handled. Every kit's error says it.
public protocol Disposed: Error {
    var disposition: Disposition { get }
}

/// See ``Disposed``.
public enum Disposition: Sendable, Hashable {
    /// May pass by itself: retried with growing delay.
    case transient
    /// The input is at fault: rejected for good.
    case permanent
    /// This worker cannot work at all: it stops with an error, and the event comes back later.
    case fatal
}
