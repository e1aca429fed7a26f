// SPDX-License-Identifier: Apache-2.0
import Attestation
import BlobStore
import Events
import Files
import Pipeline

/// Applies the modifications that a request asks for, or passes the image on untouched, without
/// copying a byte.
///
/// The same modifications do not give the same bytes twice, since file systems note the time. So
/// the result is recorded before it is emitted, and a redelivery finds it (``ModificationRecord``).
/// Two deliveries at once are kept apart by a lock, and the second comes back later.
struct ModifierHandler: Handler {
    private let config: ModifierConfig

    /// How soon a delivery comes back that found another at work.
    private static let lockedDelay: Duration = .seconds(10)

    init(_ config: ModifierConfig) {
        self.config = config
    }

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        let facts = EventFacts(
            request: try event.section(ImageRequest.self),
            fetched: try event.section(Fetched.self), verified: try event.section(Verified.self))
        do {
            try facts.check()
            guard !(facts.request.modifications ?? []).isEmpty else {
                let section = Modified(
                    untouched: facts.fetched, format: facts.request.source.format)
                return .done([try context.emit(.imageModified, from: event, adding: section)])
            }
            return try await modify(facts, event, context)
        } catch let refusal as Refusal {
            return .reject(refusal.rejection)
        }
    }

    private func modify(
        _ facts: EventFacts, _ event: Event, _ context: HandlerContext
    ) async throws -> Outcome {
        let record = ModificationRecord(event, facts, context.store)
        guard let lock = try FileLock<ModifierError>(record.lock, isTemporary: true) else {
            return .yield(after: Self.lockedDelay, why: "another modifier works on this image")
        }
        defer { withExtendedLifetime(lock) {} }
        if let modified = try await record.load() {
            return .done([try context.emit(.imageModified, from: event, adding: modified)])
        }
        let work = ImageModification(
            config: config, facts: facts, event: event, context: context)
        let modified = try await work.run()
        try await record.store(modified)
        return .done([try context.emit(.imageModified, from: event, adding: modified)])
    }
}
