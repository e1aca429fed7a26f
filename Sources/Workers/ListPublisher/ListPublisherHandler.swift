// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Pipeline

/// `metadata.uploaded` in, one `list.updated` per commit out.
///
/// The event is a claim: it is listed, or changes what is listed, when the signed document in the
/// store says the same (``DocumentCheck``).
struct ListPublisherHandler: BatchHandler {
    let batchMax: Int
    private let publication: ListPublication
    private let check: DocumentCheck
    private let turnstile = Turnstile()

    init(_ publication: ListPublication, check: DocumentCheck, batchMax: Int) {
        self.publication = publication
        self.check = check
        self.batchMax = batchMax
    }

    func handle(_ events: [Event], _ context: HandlerContext) async throws -> [Outcome] {
        let claims = events.map(DocumentClaim.reading)
        let accepted = Dictionary(
            claims.compactMap { try? $0.get() }.map { ($0.request.publication, $0) }
        ) { first, _ in first }
        let conclusions = try await turnstile.pass { [publication, check] in
            let conclusions = try await publication.conclude(
                accepted.values.map(\.request), before: context.deadline
            ) { requests in
                try await check.examine(
                    requests.compactMap { accepted[$0.publication] }, in: context.store)
            }
            let pins = ListedPins(
                store: context.store, logger: context.logger, catalogue: conclusions.catalogue)
            for (event, claim) in zip(events, claims) where Self.isFirst(claim, of: accepted) {
                guard case .done(let batch, _) = conclusions.ends[event.publication] else {
                    continue
                }
                pins.handOver(event, removed: batch.removed)
            }
            return conclusions
        }
        var announced: Set<Int> = []
        return try claims.map { claim in
            switch claim {
            case .failure(let refusal): return .reject(Rejection.invalidEntry(refusal.reason))
            case .success(let value):
                guard Self.isFirst(claim, of: accepted) else {
                    return .yield(
                        after: Self.twinPause, why: "another event of this publication is at work")
                }
                return try outcome(
                    conclusions.ends[value.request.publication], of: value.request, &announced)
            }
        }
    }

    /// Until the first of two different events of one publication is decided.
    private static let twinPause: Duration = .seconds(1)

    /// False for an event that shares its publication, and nothing else, with one before it.
    private static func isFirst(
        _ claim: Result<DocumentClaim, DocumentClaim.Refusal>, of accepted: [String: DocumentClaim]
    ) -> Bool {
        guard case .success(let claim) = claim else { return false }
        return accepted[claim.request.publication] == claim
    }

    private func outcome(
        _ conclusion: ListPublication.Conclusion?, of request: ListRequest,
        _ announced: inout Set<Int>
    ) throws -> Outcome {
        switch conclusion {
        case .done(let batch, let revision):
            guard announced.insert(batch.serials.upperBound).inserted else { return .done([]) }
            return .done([
                try Announcement.event(batch, list: publication.name, revision: revision)
            ])
        case .superseded(let by): return .reject(.superseded(request, by: by))
        case .conflicting(let other): return .reject(.conflicting(request, with: other))
        case .notListed(let other): return .reject(.notListed(request, other: other))
        case .refused(let reason): return .reject(.refused(request, reason: reason))
        case .unfit(.breach(let breach)): return .reject(breach.rejection)
        case .unfit(.undecided(let why)): return .retry(after: nil, why: why)
        case nil: return .yield(after: .seconds(1), why: "the batch took too long to commit")
        }
    }
}
