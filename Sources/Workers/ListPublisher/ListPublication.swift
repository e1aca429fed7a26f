// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Pipeline

/// Brings entries into the list, in as few commits as the repository accepts.
///
/// Whatever a publication's end is, it is read from the changelog: a second delivery, after a
/// crash at any moment, finds there what the first one did.
struct ListPublication: Sendable {
    let name: String
    let url: String?
    let target: any ListTarget
    /// Called with the number of lost races before each new try.
    var backoff: @Sendable (Int) async -> Void = Self.jitteredPause

    /// The end of one publication.
    enum Conclusion: Sendable, Hashable {
        /// `revision` is what the version control system calls the batch's commit.
        case listed(ChangelogBatch, revision: String?)
        case superseded(by: String)
        case conflicting(UpdatedList.Entry)
        case refused(reason: String)
    }

    /// Lost races against other committers before the whole batch is tried again later.
    static let raceMax = 12

    /// Decides about entries; those that the deadline leaves undecided are absent.
    ///
    /// - Returns: conclusions by publication.
    func conclude(
        _ entries: [UpdatedList.Entry], before deadline: ContinuousClock.Instant
    ) async throws -> [String: Conclusion] {
        var conclusions: [String: Conclusion] = [:]
        var revisions: [ClosedRange<Int>: String?] = [:]
        var groups = [
            entries.sorted { ($0.requestTime, $0.publication) < ($1.requestTime, $1.publication) }
        ]
        // A group that cannot be committed as a whole goes back as two halves: a hook refuses a
        // commit without saying which entry is at fault, and an announcement has a size limit.
        while let group = groups.popLast(), conclusions.isEmpty || ContinuousClock.now < deadline {
            let step = try await commit(group)
            switch step {
            case .decided(let verdicts, let note):
                if case let (note, revision)? = note { revisions[note.batch.serials] = revision }
                for (publication, verdict) in verdicts {
                    conclusions[publication] = try await conclusion(verdict, &revisions)
                }
            case .divide:
                let half = group.count / 2
                groups += [Array(group[half...]), Array(group[..<half])]
            case .refused(let reason):
                for entry in group { conclusions[entry.publication] = .refused(reason: reason) }
            }
        }
        return conclusions
    }

    private enum Step {
        case decided([String: Settlement.Verdict], committed: (CommitNote, revision: String?)?)
        case divide
        case refused(reason: String)
    }

    /// One commit of a group, repeated while other committers are faster.
    private func commit(_ group: [UpdatedList.Entry]) async throws -> Step {
        for races in 0...Self.raceMax {
            if races > 0 { await backoff(races) }
            let catalogue = try ImageCatalogue(name: name, files: try await target.load())
            let settlement = try catalogue.settling(group, url: url)
            guard let batch = settlement.batch, let files = settlement.files else {
                return .decided(settlement.verdicts, committed: nil)
            }
            if group.count > 1, !Announcement.fits(batch, list: name) { return .divide }
            let note = CommitNote(list: name, batch: batch)
            switch try await target.commit(files, note) {
            case .committed(let revision):
                return .decided(settlement.verdicts, committed: (note, revision))
            case .outdated: continue
            case .refused(let reason):
                return group.count > 1 ? .divide : .refused(reason: reason)
            }
        }
        throw ListTargetError.contended(attempts: Self.raceMax)
    }

    private func conclusion(
        _ verdict: Settlement.Verdict, _ revisions: inout [ClosedRange<Int>: String?]
    ) async throws -> Conclusion {
        switch verdict {
        case .superseded(let publication): return .superseded(by: publication)
        case .conflicting(let entry): return .conflicting(entry)
        case .listed(let batch):
            if let known = revisions[batch.serials] { return .listed(batch, revision: known) }
            let found = try await target.revision(of: CommitNote(list: name, batch: batch))
            revisions[batch.serials] = .some(found)
            return .listed(batch, revision: found)
        }
    }

    /// Longer after each lost race, and different for each committer.
    private static func jitteredPause(_ races: Int) async {
        try? await Task.sleep(for: .milliseconds(Int.random(in: 20...60) * min(races, 8)))
    }
}

/// The `list.updated` event of a batch.
enum Announcement {
    /// Equal in id and data for every delivery of every publication of the batch: both follow
    /// from the batch alone, not from the event that happens to lead to it.
    static func event(_ batch: ChangelogBatch, list: String, revision: String?) throws -> Event {
        let section = batch.announcement(list: list, revision: revision)
        return Event(
            id: DerivedIdentifier.event(
                from: "\(list)\n\(section.serial)\n\(section.sha256)", type: .listUpdated),
            source: Stage.listPublisher.source, type: .listUpdated, subject: list, time: .now,
            publication: batch.added.first?.publication ?? "",
            data: [UpdatedList.key: try EventCoding.value(of: section)])
    }

    /// Room for a revision's name, which is known only after the commit.
    private static let revisionPlaceholder = String(repeating: "0", count: 64)

    /// Stages behind add their sections to the event's data, which has a limit.
    private static let reservedBytes = 8_192

    static func fits(_ batch: ChangelogBatch, list: String) -> Bool {
        guard let event = try? event(batch, list: list, revision: revisionPlaceholder),
            let bytes = try? event.encoded()
        else { return false }
        return bytes.count <= Event.bytesMax - reservedBytes
    }
}
