// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Signatures

/// An image list and its changelog, read from one state of the place that keeps them.
///
/// Everything here follows from these two files and the requests given: no clock, no order of
/// arrival. Each publication counts once in the serial, whether it is listed or found older than
/// what is listed, so any order and any grouping of the same publications end in the same bytes
/// of `image_list.txt`.
///
/// A revision counts when it changes an entry. It looks at what is listed when it comes: an image
/// that is not there, or not any more, cannot be withdrawn or renewed. What was asked for before
/// a withdrawal never comes back after it.
public struct ImageCatalogue: Sendable, Hashable {
    public let list: ImageList
    public let changelog: Changelog
    private let history: ListHistory

    /// - Parameters:
    ///   - name: the list's name (``ImageList/nameProblem(_:)``).
    ///   - files: the two files; empty ones begin a new list.
    public init(name: String, files: ListFiles) throws(ImageListsError) {
        list = try ImageList(name: name, parsing: files.list)
        changelog = try Changelog(name: name, parsing: files.changelog)
        history = ListHistory(changelog.batches)
    }

    /// The last serial given out. A list that was edited by hand may be ahead of its changelog.
    public var serial: Int { max(list.serial, changelog.batches.last?.serials.upperBound ?? 0) }

    /// Whether the changelog says what became of a publication.
    public func isDecided(_ publication: String) -> Bool { history.decided[publication] != nil }

    /// The publications whose blobs the list needs: those of its entries, and for a renewed entry
    /// those that it was listed and renewed by before.
    public var keptPublications: Set<String> {
        Set(list.entries.values.flatMap { lineage(of: $0.publication) })
    }

    /// A publication, and what it renewed, and so on back to what was first listed.
    public func lineage(of publication: String) -> [String] { history.lineage(of: publication) }

    /// Decides about publications: does what those that are new ask for, recognises those that
    /// were decided before.
    ///
    /// - Parameters:
    ///   - requests: valid ones (``ListRequest/problem``), in any order; one of the groups that
    ///     ``ListRequest/groups(of:)`` makes, or a part of one.
    ///   - url: where readers find the list, for the announcement.
    public func settling(
        _ requests: [ListRequest], url: String? = nil
    ) throws(ImageListsError) -> Settlement {
        var settlement = Settlement()
        var fresh: [String: ListRequest] = [:]
        for request in requests {
            if let known = history.decided[request.publication] {
                settlement.verdicts[request.publication] = known.verdict(for: request)
            } else {
                fresh[request.publication] = fresh[request.publication] ?? request
            }
        }
        guard serial <= ImageList.serialMax - fresh.count else { throw .serialExhausted }
        var draft = ListDraft(list.entries, history)
        for request in fresh.values {
            if case .listing(let entry) = request {
                draft.rivals[entry.name, default: []] += [entry]
            }
        }
        draft.list()
        for request in fresh.values {
            if case .revision(let revision) = request { draft.revise(revision) }
        }
        try complete(&settlement, draft, url: url)
        return settlement
    }

    private func complete(
        _ settlement: inout Settlement, _ draft: ListDraft, url: String?
    ) throws(ImageListsError) {
        settlement.verdicts.merge(draft.refused) { $1 }
        guard let last = draft.times.values.max() else { return }
        var batch = ChangelogBatch(
            serials: serial + 1...serial + draft.times.count, time: last, url: url,
            added: draft.added, removed: draft.removed, superseded: draft.superseded,
            revised: draft.revised)
        batch.sort()
        var next = list
        next.serial = batch.serials.upperBound
        next.entries = draft.entries
        let rendered = next.rendered()
        batch.sha256 = Digest.hex(Digest.sha256(rendered))
        batch.size = rendered.count
        for publication in draft.times.keys { settlement.verdicts[publication] = .done(batch) }
        for loser in batch.superseded {
            settlement.verdicts[loser.entry.publication] = .superseded(by: loser.by)
        }
        settlement.batch = batch
        settlement.files = ListFiles(list: rendered, changelog: changelog.rendered(adding: batch))
    }
}

extension UpdatedList.Entry {
    /// The order in which entries of one name replace each other: by request time, then by
    /// publication, so that no two are equal.
    func isOlder(than other: Self) -> Bool {
        (requestTime, publication) < (other.requestTime, other.publication)
    }
}
