// SPDX-License-Identifier: Apache-2.0
public import Events
internal import Signatures

/// An image list and its changelog, read from one state of the place that keeps them.
///
/// Everything here follows from these two files and the entries given: no clock, no order of
/// arrival. Each publication counts once in the serial, whether it is listed or found older than
/// what is listed, so any order and any grouping of the same publications end in the same bytes
/// of `image_list.txt`.
public struct ImageCatalogue: Sendable, Hashable {
    public let list: ImageList
    public let changelog: Changelog

    /// - Parameters:
    ///   - name: the list's name (``ImageList/nameProblem(_:)``).
    ///   - files: the two files; empty ones begin a new list.
    public init(name: String, files: ListFiles) throws(ImageListsError) {
        list = try ImageList(name: name, parsing: files.list)
        changelog = try Changelog(name: name, parsing: files.changelog)
    }

    /// The last serial given out. A list that was edited by hand may be ahead of its changelog.
    public var serial: Int { max(list.serial, changelog.batches.last?.serials.upperBound ?? 0) }

    /// Decides about publications: lists those that are new, recognises those that were decided
    /// before.
    ///
    /// - Parameters:
    ///   - candidates: valid entries (``UpdatedList/Entry/problem``), in any order.
    ///   - url: where readers find the list, for the announcement.
    public func settling(
        _ candidates: [UpdatedList.Entry], url: String? = nil
    ) throws(ImageListsError) -> Settlement {
        var settlement = Settlement(verdicts: [:], batch: nil, files: nil)
        var fresh: [String: UpdatedList.Entry] = [:]
        let history = changelog.history()
        for candidate in candidates {
            if let known = history.decided[candidate.publication] {
                settlement.verdicts[candidate.publication] = known.verdict(for: candidate)
            } else if let twin = fresh[candidate.publication], twin != candidate {
                settlement.verdicts[candidate.publication] = .conflicting(twin)
            } else {
                fresh[candidate.publication] = candidate
            }
        }
        guard !fresh.isEmpty else { return settlement }
        try extend(&settlement, with: Array(fresh.values), after: history, url: url)
        return settlement
    }

    private func extend(
        _ settlement: inout Settlement, with fresh: [UpdatedList.Entry],
        after history: Changelog.History, url: String?
    ) throws(ImageListsError) {
        guard serial <= ImageList.serialMax - fresh.count else { throw .serialExhausted }
        var batch = batch(of: fresh, after: history)
        var next = list
        next.serial = batch.serials.upperBound
        for entry in batch.added { next.entries[entry.name] = entry }
        let rendered = next.rendered()
        batch.sha256 = Digest.hex(Digest.sha256(rendered))
        batch.size = rendered.count
        batch.url = url
        for entry in batch.added { settlement.verdicts[entry.publication] = .listed(batch) }
        for loser in batch.superseded {
            settlement.verdicts[loser.entry.publication] = .superseded(by: loser.by)
        }
        settlement.batch = batch
        settlement.files = ListFiles(list: rendered, changelog: changelog.rendered(adding: batch))
    }

    /// Under each name the newest entry wins, against its like and against all that was listed
    /// before, even if somebody took that out by hand.
    private func batch(
        of fresh: [UpdatedList.Entry], after history: Changelog.History
    ) -> ChangelogBatch {
        let time = fresh.map(\.requestTime).max() ?? Timestamp(seconds: 0)
        var batch = ChangelogBatch(serials: serial + 1...serial + fresh.count, time: time)
        for (name, rivals) in Dictionary(grouping: fresh, by: \.name) {
            let listed = [history.newest[name], list.entries[name]].compactMap(\.self)
            guard let newest = (rivals + listed).max(by: { $0.isOlder(than: $1) }) else { continue }
            for entry in rivals {
                if entry.publication == newest.publication {
                    batch.added.append(entry)
                    if let replaced = list.entries[name] { batch.removed.append(replaced) }
                } else {
                    batch.superseded.append(.init(entry: entry, by: newest.publication))
                }
            }
        }
        batch.sort()
        return batch
    }
}

/// What ``ImageCatalogue/settling(_:url:)`` decided.
public struct Settlement: Sendable, Hashable {
    /// One per candidate, by publication.
    public var verdicts: [String: Verdict]
    /// What is to be committed; nil when every candidate had been decided before.
    public var batch: ChangelogBatch?
    /// Both files with ``batch`` applied; nil exactly when that is nil.
    public var files: ListFiles?

    public enum Verdict: Sendable, Hashable {
        /// Listed by this batch, now or before; it may have been replaced since.
        case listed(ChangelogBatch)
        /// Never listed: a later request under the same name (that publication) was there first.
        case superseded(by: String)
        /// The publication's identifier is already used by this different entry.
        case conflicting(UpdatedList.Entry)
    }
}

/// The two files of a list, as they are committed together.
public struct ListFiles: Sendable, Hashable {
    /// Content of `<name>.txt`.
    public var list: [UInt8]
    /// Content of `<name>.changelog`.
    public var changelog: [UInt8]

    public init(list: [UInt8] = [], changelog: [UInt8] = []) {
        self.list = list
        self.changelog = changelog
    }
}

extension UpdatedList.Entry {
    /// The order in which entries of one name replace each other: by request time, then by
    /// publication, so that no two are equal.
    func isOlder(than other: Self) -> Bool {
        (requestTime, publication) < (other.requestTime, other.publication)
    }
}
