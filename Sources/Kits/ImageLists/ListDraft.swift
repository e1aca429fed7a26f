// SPDX-License-Identifier: Apache-2.0
import Events

/// A list on its way to the next one.
struct ListDraft {
    private(set) var entries: [String: UpdatedList.Entry]
    private(set) var added: [UpdatedList.Entry] = []
    private(set) var removed: [UpdatedList.Entry] = []
    private(set) var superseded: [ChangelogBatch.Superseded] = []
    /// When the revisions that change something were asked for, by publication.
    private(set) var revised: [String: Timestamp] = [:]
    /// Request times of all publications that count, by publication.
    private(set) var times: [String: Timestamp] = [:]
    /// Revisions that change nothing, by publication.
    private(set) var refused: [String: Settlement.Verdict] = [:]
    /// Entries that ask to be listed, by name.
    var rivals: [String: [UpdatedList.Entry]] = [:]
    private let history: ListHistory

    init(_ entries: [String: UpdatedList.Entry], _ history: ListHistory) {
        self.entries = entries
        self.history = history
    }

    /// Under each name the newest entry wins, against its like and against all that was listed
    /// before, even if somebody took that out by hand; but none comes back that was asked for
    /// before its name or image was withdrawn.
    mutating func list() {
        for (name, candidates) in rivals {
            var open: [UpdatedList.Entry] = []
            for entry in candidates {
                times[entry.publication] = entry.requestTime
                if let withdrawal = history.withdrawal(before: entry) {
                    superseded.append(.init(entry: entry, by: withdrawal.publication))
                } else {
                    open.append(entry)
                }
            }
            list(open, under: name)
        }
        rivals = [:]
    }

    private mutating func list(_ rivals: [UpdatedList.Entry], under name: String) {
        let listed = [history.newest[name], entries[name]].compactMap(\.self)
        guard let newest = (rivals + listed).max(by: { $0.isOlder(than: $1) }) else { return }
        for entry in rivals {
            if entry.publication == newest.publication {
                added.append(entry)
                if let replaced = entries.updateValue(entry, forKey: name) {
                    removed.append(replaced)
                }
            } else {
                superseded.append(.init(entry: entry, by: newest.publication))
            }
        }
    }

    /// Withdraws or renews what is listed of an image, unless that was asked for later.
    mutating func revise(_ revision: ListRevision) {
        let same = entries.values.filter { $0.identifier == revision.identifier }
        let own = same.filter { revision.concerns($0) }
        guard let newest = own.max(by: { $0.isOlder(than: $1) }) else {
            refused[revision.publication] =
                history.withdrawal(before: revision).map { .superseded(by: $0.publication) }
                ?? .notListed(other: same.min { $0.name < $1.name })
            return
        }
        if let later = laterRenewal(than: revision) {
            refused[revision.publication] = .superseded(by: later.publication)
            return
        }
        let concerned = own.filter { $0.requestTime <= revision.requestTime }
        guard !concerned.isEmpty else {
            refused[revision.publication] = .superseded(by: newest.publication)
            return
        }
        for entry in concerned { apply(revision, to: entry) }
        times[revision.publication] = revision.requestTime
        revised[revision.publication] = revision.requestTime
    }

    /// A withdrawal counts whatever was renewed: the image is what it is about.
    private func laterRenewal(than revision: ListRevision) -> ListHistory.Moment? {
        guard revision.change == .renewed, let latest = history.renewals[revision.identifier]
        else { return nil }
        let own = ListHistory.Moment(
            time: revision.requestTime, publication: revision.publication)
        return own < latest ? latest : nil
    }

    private mutating func apply(_ revision: ListRevision, to entry: UpdatedList.Entry) {
        switch revision.change {
        case .withdrawn:
            entries[entry.name] = nil
            removed.append(revision.withdrawn(entry))
        case .renewed:
            let renewed = revision.revised(entry)
            entries[entry.name] = renewed
            added.append(renewed)
            removed.append(entry)
        }
    }
}
