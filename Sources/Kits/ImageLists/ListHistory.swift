// SPDX-License-Identifier: Apache-2.0
import Events

/// What a changelog's batches say about publications, names and images.
struct ListHistory: Sendable, Hashable {
    /// By publication.
    private(set) var decided: [String: Decision] = [:]
    /// The newest entry ever listed, by name.
    private(set) var newest: [String: UpdatedList.Entry] = [:]
    /// The latest renewal, by identifier.
    private(set) var renewals: [String: Moment] = [:]
    /// The latest withdrawal, by name and by identifier.
    private var withdrawals: [String: Moment] = [:]
    private var withdrawalsByName: [String: Moment] = [:]
    /// Whose entries a publication renewed.
    private var renewed: [String: [String]] = [:]

    /// When something was asked for, and by which publication.
    struct Moment: Sendable, Hashable, Comparable {
        var time: Timestamp
        var publication: String

        static func < (left: Moment, right: Moment) -> Bool {
            (left.time, left.publication) < (right.time, right.publication)
        }
    }

    struct Decision: Sendable, Hashable {
        /// What was listed or revised.
        var entry: UpdatedList.Entry
        /// nil for a listing.
        var change: DocumentRevision.Change?
        var verdict: Settlement.Verdict

        func verdict(for request: ListRequest) -> Settlement.Verdict {
            isOf(request) ? verdict : .conflicting(entry)
        }

        private func isOf(_ request: ListRequest) -> Bool {
            switch request {
            case .listing(var candidate):
                // Old changelogs do not say the endorser's subject.
                if entry.endorserSubject == nil { candidate.endorserSubject = nil }
                return change == nil && candidate == entry
            case .revision(let revision):
                guard change == revision.change, entry.identifier == revision.identifier else {
                    return false
                }
                return change == .withdrawn || entry.documentSHA256 == revision.documentSHA256
            }
        }
    }

    init(_ batches: [ChangelogBatch]) {
        for batch in batches {
            for entry in batch.added { add(entry, in: batch) }
            for entry in batch.removed { remove(entry, in: batch) }
            for loser in batch.superseded {
                decided[loser.entry.publication] = Decision(
                    entry: loser.entry, verdict: .superseded(by: loser.by))
            }
        }
    }

    private mutating func add(_ entry: UpdatedList.Entry, in batch: ChangelogBatch) {
        let time = batch.revised[entry.publication]
        decided[entry.publication] = Decision(
            entry: entry, change: time.map { _ in .renewed }, verdict: .done(batch))
        if let time {
            let moment = Moment(time: time, publication: entry.publication)
            renewals[entry.identifier] = max(renewals[entry.identifier] ?? moment, moment)
            let before = batch.removed.filter { $0.name == entry.name && $0.withdrawnBy == nil }
            renewed[entry.publication, default: []] += before.map(\.publication)
        }
        if let other = newest[entry.name], entry.isOlder(than: other) { return }
        newest[entry.name] = entry
    }

    private mutating func remove(_ entry: UpdatedList.Entry, in batch: ChangelogBatch) {
        guard let publication = entry.withdrawnBy, let time = batch.revised[publication] else {
            return
        }
        decided[publication] = Decision(entry: entry, change: .withdrawn, verdict: .done(batch))
        let moment = Moment(time: time, publication: publication)
        withdrawals[entry.identifier] = max(withdrawals[entry.identifier] ?? moment, moment)
        withdrawalsByName[entry.name] = max(withdrawalsByName[entry.name] ?? moment, moment)
    }

    /// The withdrawal that keeps an older request for the same name or image out of the list.
    func withdrawal(before entry: UpdatedList.Entry) -> Moment? {
        let moments = [withdrawalsByName[entry.name], withdrawals[entry.identifier]]
        let latest = moments.compactMap(\.self).max()
        return latest.flatMap { entry.requestTime <= $0.time ? $0 : nil }
    }

    /// The same for a revision.
    func withdrawal(before revision: ListRevision) -> Moment? {
        withdrawals[revision.identifier].flatMap { revision.requestTime <= $0.time ? $0 : nil }
    }

    /// A publication, and those whose entries it renewed, and so on.
    func lineage(of publication: String) -> [String] {
        var lineage = [publication]
        var seen: Set = [publication]
        var rest = lineage
        while let next = rest.popLast() {
            for before in renewed[next] ?? [] where seen.insert(before).inserted {
                lineage.append(before)
                rest.append(before)
            }
        }
        return lineage
    }
}
