// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Pipeline

/// `metadata.uploaded` in, one `list.updated` per commit out.
struct ListPublisherHandler: BatchHandler {
    let batchMax: Int
    private let publication: ListPublication
    private let turnstile = Turnstile()

    init(_ publication: ListPublication, batchMax: Int) {
        self.publication = publication
        self.batchMax = batchMax
    }

    func handle(_ events: [Event], _ context: HandlerContext) async throws -> [Outcome] {
        let candidates = events.map(Self.candidate)
        let entries = candidates.compactMap { try? $0.get() }
        let conclusions = try await turnstile.pass { [publication] in
            try await publication.conclude(entries, before: context.deadline)
        }
        let pins = ListedPins(store: context.store, logger: context.logger)
        var announced: Set<Int> = []
        return try zip(events, candidates).map { event, candidate in
            switch candidate {
            case .failure(let rejection): return .reject(rejection.value)
            case .success(let entry):
                let conclusion = conclusions[entry.publication]
                if case .listed(let batch, _) = conclusion {
                    pins.handOver(event, removed: batch.removed)
                }
                return try outcome(conclusion, of: entry, &announced)
            }
        }
    }

    private func outcome(
        _ conclusion: ListPublication.Conclusion?, of entry: UpdatedList.Entry,
        _ announced: inout Set<Int>
    ) throws -> Outcome {
        switch conclusion {
        case .listed(let batch, let revision):
            guard announced.insert(batch.serials.upperBound).inserted else { return .done([]) }
            return .done([
                try Announcement.event(batch, list: publication.name, revision: revision)
            ])
        case .superseded(let by): return .reject(Self.superseded(entry, by: by))
        case .conflicting(let other): return .reject(Self.conflicting(entry, with: other))
        case .refused(let reason): return .reject(Self.refused(entry, reason: reason))
        case nil: return .yield(after: .seconds(1), why: "the batch took too long to commit")
        }
    }

    private struct Refusal: Error {
        let value: Rejection
    }

    /// The entry an event asks for, or why it cannot stand in a list.
    private static func candidate(_ event: Event) -> Result<UpdatedList.Entry, Refusal> {
        do {
            let entry = try entry(of: event)
            guard let problem = entry.problem else { return .success(entry) }
            return .failure(Refusal(value: invalid("\(problem)")))
        } catch {
            return .failure(Refusal(value: invalid("\(error)")))
        }
    }

    private static func entry(of event: Event) throws -> UpdatedList.Entry {
        let request = try event.section(ImageRequest.self)
        let signed = try event.section(SignedMetadata.self)
        let version = request.metadata.version ?? ""
        return UpdatedList.Entry(
            name: request.name, version: version.isEmpty ? nil : version,
            identifier: try event.section(BuiltMetadata.self).identifier,
            publication: event.publication,
            requestTime: try event.section(Fetched.self).requestTime,
            location: try event.section(UploadedMetadata.self).location,
            documentSHA256: signed.document.sha256, endorser: signed.endorser.email)
    }
}

// MARK: - Rejections

extension ListPublisherHandler {
    private static func invalid(_ reason: String) -> Rejection {
        Rejection(
            stage: .listPublisher, rule: "invalid-entry",
            message: "The image cannot stand in a list: \(reason).")
    }

    private static func superseded(_ entry: UpdatedList.Entry, by publication: String) -> Rejection
    {
        Rejection(
            stage: .listPublisher, rule: "superseded",
            message: "A later request for '\(entry.name)' was listed first; this one, of "
                + "\(entry.requestTime), is not listed. Publish again to replace that entry.",
            evidence: ["name": entry.name, "supersededBy": publication])
    }

    private static func conflicting(
        _ entry: UpdatedList.Entry, with other: UpdatedList.Entry
    ) -> Rejection {
        Rejection(
            stage: .listPublisher, rule: "publication-conflict",
            message: "The publication id is already used in the list by a different entry, "
                + "'\(other.name)'. Publish again under a new id.",
            evidence: ["name": entry.name, "found": other.name, "identifier": other.identifier])
    }

    private static func refused(_ entry: UpdatedList.Entry, reason: String) -> Rejection {
        Rejection(
            stage: .listPublisher, rule: "hook-refused",
            message: "The repository's hook refuses the entry: \(reason)",
            evidence: ["name": entry.name, "identifier": entry.identifier])
    }
}
