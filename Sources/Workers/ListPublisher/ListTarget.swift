// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists

/// Where an image list and its changelog are kept.
///
/// One task at a time calls ``load()``, then perhaps ``commit(_:_:)``. Others commit to the same
/// place at any moment, and the process may be killed at any moment: after either, `load` gives
/// some committed state of both files, whole, and a commit that does not rest on the newest state
/// answers ``CommitAnswer/outdated``. A commit that fails with an error may have taken place
/// nevertheless; the next `load` tells.
protocol ListTarget: Sendable {
    /// The newest state, after mending what a crash has left. Absent files are empty.
    func load() async throws(ListTargetError) -> ListFiles

    /// Replaces the state that the last ``load()`` returned, both files in one step.
    func commit(_ files: ListFiles, _ note: CommitNote) async throws(ListTargetError)
        -> CommitAnswer

    /// What the version control system calls the commit with this note; nil when it cannot tell.
    func revision(of note: CommitNote) async throws(ListTargetError) -> String?
}

enum CommitAnswer: Sendable, Hashable {
    case committed(revision: String?)
    /// Another committer was faster: load again.
    case outdated
    /// A hook says no, for this reason.
    case refused(reason: String)
}

/// What is said about a commit, to people and to whoever looks for it later.
struct CommitNote: Sendable, Hashable {
    let list: String
    let batch: ChangelogBatch

    /// The most names in the first line.
    private static let namesMax = 5

    /// One line that only this commit's message has. All its characters are letters, digits or
    /// `-`, `_`, `/`, `:` and space, so that no search takes one for a pattern.
    var trailer: String { "Imprimatur-Commit: \(list)/\(batch.serialText)/\(batch.sha256)" }

    var message: String {
        let renewed = batch.added.filter(batch.isRenewed).map(\.name)
        let added = batch.added.filter { !batch.isRenewed($0) }.map(\.name)
        let replaced = Set(batch.removed.map(\.name))
        let parts = [
            ("add", added.filter { !replaced.contains($0) }),
            ("replace", added.filter(replaced.contains)), ("renew", renewed),
            ("withdraw", batch.removed.filter { $0.withdrawnBy != nil }.map(\.name)),
        ].compactMap { verb, names in Self.text(names).map { "\(verb) \($0)" } }
        let text =
            parts.isEmpty ? "nothing newer than what is listed" : parts.joined(separator: "; ")
        return """
            \(list) \(batch.serialText): \(text)

            \(trailer)

            """
    }

    private static func text(_ names: [String]) -> String? {
        guard !names.isEmpty else { return nil }
        let more = names.count > namesMax ? " and \(names.count - namesMax) more" : ""
        return names.prefix(namesMax).joined(separator: ", ") + more
    }
}
