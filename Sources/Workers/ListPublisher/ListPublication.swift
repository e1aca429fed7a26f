// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Pipeline

/// Brings entries into the list, renews and removes them, in as few commits as the repository
/// accepts.
///
/// Whatever a publication's end is, it is read from the changelog: a second delivery, after a
/// crash at any moment, finds there what the first one did. Only what is not decided there has
/// its document examined: of what was listed long ago it may have expired, or not be kept.
struct ListPublication: Sendable {
    let name: String
    let url: String?
    let target: any ListTarget
    /// Called with the number of lost races before each new try.
    var backoff: @Sendable (Int) async -> Void = Self.jitteredPause

    /// The end of one publication.
    enum Conclusion: Sendable, Hashable {
        /// Listed, renewed or withdrawn by this batch; `revision` is what the version control
        /// system calls its commit.
        case done(ChangelogBatch, revision: String?)
        case superseded(by: String)
        case conflicting(UpdatedList.Entry)
        case notListed(other: UpdatedList.Entry?)
        case refused(reason: String)
        case unfit(DocumentProblem)
    }

    /// What became of a batch of publications.
    struct Conclusions: Sendable {
        /// By publication; what the deadline left undecided is absent.
        var ends: [String: Conclusion] = [:]
        /// The list behind them all.
        var catalogue: ImageCatalogue
    }

    /// Lost races against other committers before the whole batch is tried again later.
    static let raceMax = 12

    /// Decides about requests.
    ///
    /// - Parameter examine: says which documents are unfit and why, by publication.
    func conclude(
        _ requests: [ListRequest], before deadline: ContinuousClock.Instant,
        examine: @Sendable ([ListRequest]) async throws -> [String: DocumentProblem]
    ) async throws -> Conclusions {
        let catalogue = try await load()
        let problems = try await examine(requests.filter { !catalogue.isDecided($0.publication) })
        var conclusions = Conclusions(
            ends: problems.mapValues { .unfit($0) }, catalogue: catalogue)
        let fit = requests.filter { problems[$0.publication] == nil }
        try await conclude(fit, before: deadline, &conclusions)
        return conclusions
    }

    private func conclude(
        _ requests: [ListRequest], before deadline: ContinuousClock.Instant,
        _ conclusions: inout Conclusions
    ) async throws {
        var revisions: [ClosedRange<Int>: String?] = [:]
        var groups = Array(ListRequest.groups(of: requests).reversed())
        var loaded: ImageCatalogue? = conclusions.catalogue
        var isFirst = true
        // A group that cannot be committed as a whole goes back as two halves: a hook refuses a
        // commit without saying which entry is at fault, and an announcement has a size limit.
        while let group = groups.popLast(), isFirst || ContinuousClock.now < deadline {
            let step = try await commit(group, loaded)
            loaded = nil
            switch step {
            case .decided(let settlement, let after, let committed):
                conclusions.catalogue = after
                if let batch = settlement.batch { revisions[batch.serials] = .some(committed) }
                for (publication, verdict) in settlement.verdicts {
                    conclusions.ends[publication] = try await conclusion(verdict, &revisions)
                }
                isFirst = false
            case .divide:
                let half = group.count / 2
                groups += [Array(group[half...]), Array(group[..<half])]
            case .refused(let reason):
                for request in group {
                    conclusions.ends[request.publication] = .refused(reason: reason)
                }
                isFirst = false
            }
        }
    }

    private enum Step {
        /// With the list as it is then, and its revision when it was committed just now.
        case decided(Settlement, ImageCatalogue, revision: String?)
        case divide
        case refused(reason: String)
    }

    private func load() async throws -> ImageCatalogue {
        try ImageCatalogue(name: name, files: try await target.load())
    }

    /// One commit of a group, repeated while other committers are faster.
    ///
    /// - Parameter loaded: the newest state, when it has just been loaded.
    private func commit(_ group: [ListRequest], _ loaded: ImageCatalogue?) async throws -> Step {
        var loaded = loaded
        for races in 0...Self.raceMax {
            if races > 0 { await backoff(races) }
            let catalogue = if let loaded { loaded } else { try await load() }
            loaded = nil
            let settlement = try catalogue.settling(group, url: url)
            guard let batch = settlement.batch, let files = settlement.files else {
                return .decided(settlement, catalogue, revision: nil)
            }
            if group.count > 1, !Announcement.fits(batch, list: name) { return .divide }
            switch try await target.commit(files, CommitNote(list: name, batch: batch)) {
            case .committed(let revision):
                return .decided(
                    settlement, try ImageCatalogue(name: name, files: files), revision: revision)
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
        case .notListed(let other): return .notListed(other: other)
        case .done(let batch):
            if let known = revisions[batch.serials] { return .done(batch, revision: known) }
            let found = try await target.revision(of: CommitNote(list: name, batch: batch))
            revisions[batch.serials] = .some(found)
            return .done(batch, revision: found)
        }
    }

    /// Longer after each lost race, and different for each committer.
    private static func jitteredPause(_ races: Int) async {
        try? await Task.sleep(for: .milliseconds(Int.random(in: 20...60) * min(races, 8)))
    }
}
