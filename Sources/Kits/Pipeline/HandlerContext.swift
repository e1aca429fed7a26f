// SPDX-License-Identifier: Apache-2.0
public import Attestation
public import BlobStore
public import Events
public import Logging

/// What the runtime lends a handler for one call.
public struct HandlerContext: Sendable {
    public let stage: Stage
    /// Every line it writes carries publication and event id.
    public let logger: Logger
    /// The artifact store all workers share.
    public let store: BlobStore
    /// When to have finished or yielded; the broker's consumer time-out lies behind it.
    public let deadline: ContinuousClock.Instant
    /// 1 for the first delivery, growing with each retry.
    public let attempt: Int
    private let attestor: Attestor?
    private let progress: @Sendable (Event) async -> Void
    private let address: @Sendable (Event, String, String) async throws -> Void

    /// - Parameter attestor: signs what the stage adds to events that lead to a signature.
    public init(
        stage: Stage, logger: Logger, store: BlobStore, deadline: ContinuousClock.Instant,
        attempt: Int, attestor: Attestor? = nil,
        progress: @escaping @Sendable (Event) async -> Void = { _ in },
        address: @escaping @Sendable (Event, String, String) async throws -> Void = { _, _, _ in }
    ) {
        self.stage = stage
        self.logger = logger
        self.store = store
        self.deadline = deadline
        self.attempt = attempt
        self.attestor = attestor
        self.progress = progress
        self.address = address
    }

    /// The event of `type` that follows from `input`, with one section added to its data.
    ///
    /// Its id is derived from the input's id and its own type, so a repetition makes the same
    /// event (see ``DerivedIdentifier``). When it leads to a signature and the worker has a key
    /// (setting `attestation.keys`), the stage's attestation is added, too.
    public func emit(
        _ type: EventType, from input: Event, adding section: some Section
    ) throws(EventError) -> Event {
        let output = Event(
            id: DerivedIdentifier.event(from: input.id, type: type), source: stage.source,
            type: type, subject: input.subject, time: .now, publication: input.publication,
            traceparent: input.traceparent, extensions: input.extensions,
            data: try input.data(adding: section))
        guard let attestor, attestor.attests(type) else { return output }
        do {
            return try attestor.attested(output, after: input.type)
        } catch {
            throw .invalidSection(Attestations.key, reason: "\(error)")
        }
    }

    /// Publishes an event elsewhere than on `imprimatur.events`, as site-notifier does on
    /// `imprimatur.sites`: mandatory, persistent, and confirmed when this returns.
    ///
    /// - Throws: what the broker seam throws; a message no queue is bound for is an error too.
    public func publish(_ event: Event, exchange: String, routingKey: String) async throws {
        try await address(event, exchange, routingKey)
    }

    /// Tells watchers how far a long job is. Best effort: never fails, never waits for a confirm.
    public func report(_ section: Progress, for input: Event) async {
        guard let data = try? EventCoding.value(of: section) else { return }
        await progress(
            Event(
                id: DerivedIdentifier.progress(from: input.id, bytes: section.bytes),
                source: stage.source, type: .imageProgress, subject: input.subject, time: .now,
                publication: input.publication, traceparent: input.traceparent,
                data: [Progress.key: data]))
    }
}
