// SPDX-License-Identifier: Apache-2.0
import Files
import ImageLists
import Signatures
import Threads

/// A list in a plain directory, such as one that a web server shows.
///
/// Both next files are on disk under other names before anything changes. Renaming the changelog
/// is the commit; renaming the list follows. Between the two a reader sees the old list, whole;
/// whoever loads next after a crash there finishes the second rename, since the changelog's last
/// block says which list belongs to it.
actor DirectoryTarget: ListTarget {
    private let directory: String
    private let listPath: String
    private let changelogPath: String
    private let lockTimeMax: Duration
    private let executor = QueueExecutor(label: "imprimatur.list.directory")
    private let listName: String
    private var loaded = ListFiles()
    /// Called before each step of a commit; a test kills the process there.
    private let beforeStep: @Sendable (String) -> Void

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(
        directory: String, listName: String, lockTimeMax: Duration,
        beforeStep: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.directory = directory
        self.listName = listName
        self.lockTimeMax = lockTimeMax
        self.beforeStep = beforeStep
        listPath = "\(directory)/\(listName).txt"
        changelogPath = "\(directory)/\(listName).changelog"
    }

    func load() async throws(ListTargetError) -> ListFiles {
        try LocalFile.makeDirectories(directory, mode: 0o755)
        let lock = try await lock()
        defer { withExtendedLifetime(lock) {} }
        try finishCommit()
        loaded = try read()
        return loaded
    }

    func commit(_ files: ListFiles, _ note: CommitNote) async throws(ListTargetError)
        -> CommitAnswer
    {
        let lock = try await lock()
        defer { withExtendedLifetime(lock) {} }
        try finishCommit()
        guard try read() == loaded else { return .outdated }
        beforeStep("write")
        try LocalFile.write(files.list, to: next(listPath), isDurable: true)
        beforeStep("write-changelog")
        try LocalFile.write(files.changelog, to: next(changelogPath), isDurable: true)
        try LocalFile.synchroniseDirectory(of: listPath)
        beforeStep("rename-changelog")
        try LocalFile.rename(next(changelogPath), to: changelogPath)
        try LocalFile.synchroniseDirectory(of: listPath)
        beforeStep("rename-list")
        try LocalFile.rename(next(listPath), to: listPath)
        beforeStep("synchronise")
        try LocalFile.synchroniseDirectory(of: listPath)
        return .committed(revision: nil)
    }

    func revision(of note: CommitNote) async throws(ListTargetError) -> String? { nil }

    private func next(_ path: String) -> String { path + ".next" }

    private func lock() async throws(ListTargetError) -> FileLock {
        try await FileLock.wait("\(directory)/.\(listName).lock", timeMax: lockTimeMax)
    }

    private func read() throws(ListTargetError) -> ListFiles {
        ListFiles(
            list: try LocalFile.read(listPath, bytesMax: ImageList.bytesMax) ?? [],
            changelog: try LocalFile.read(changelogPath, bytesMax: Changelog.bytesMax) ?? [])
    }

    /// Goes on where a killed process stopped: forward when its changelog is in place, else back.
    private func finishCommit() throws(ListTargetError) {
        let path = next(listPath)
        if let list = try LocalFile.read(path, bytesMax: ImageList.bytesMax) {
            let changelog = try LocalFile.read(changelogPath, bytesMax: Changelog.bytesMax) ?? []
            let last = (try? Changelog(name: listName, parsing: changelog))?.batches.last
            if last?.sha256 == Digest.hex(Digest.sha256(list)) {
                try LocalFile.rename(path, to: listPath)
                try LocalFile.synchroniseDirectory(of: listPath)
            }
        }
        try LocalFile.remove(path)
        try LocalFile.remove(next(changelogPath))
    }
}
