// SPDX-License-Identifier: Apache-2.0
import Events
import Files
import ImageLists
import Threads
import URLText

/// A list in a branch of a git repository, through the `git` command (2.30 or newer).
///
/// There is no working tree: files are read from and written to a bare clone, and pushed with the
/// remote branch's expected commit, so that nothing of others is ever overwritten or merged.
actor GitTarget: ListTarget {
    struct Settings: Sendable {
        /// The remote repository.
        var url: String
        var branch: String
        /// The folder of the list inside the repository; empty for its root.
        var folder: String
        var listName: String
        /// See ``Scratch``.
        var workingCopy: String
        /// `Name <address>`: author and committer of every commit.
        var author: String
        var user: String?
        var password: String?
        /// For one command.
        var timeMax: Duration
    }

    private let settings: Settings
    private let executor = QueueExecutor(label: "imprimatur.list.git")
    private var scratch: Scratch?
    /// The bare clone, when it is known to be sound.
    private var clone: String?
    /// The commit that was loaded; nil for a branch that does not exist yet.
    private var base: String?

    private static let baseReference = "refs/imprimatur/base"

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(_ settings: Settings) { self.settings = settings }

    func load() async throws(ListTargetError) -> ListFiles {
        do throws(ListTargetError) {
            return try await fetch()
        } catch {
            guard clone != nil, case .program = error else { throw error }
            // The clone may be at fault: once more with a new one.
            clone = nil
            return try await fetch()
        }
    }

    private func fetch() async throws(ListTargetError) -> ListFiles {
        let clone = try await existingClone()
        let arguments = [
            "fetch", "--quiet", "--no-tags", "--", settings.url,
            "+refs/heads/\(settings.branch):\(Self.baseReference)",
        ]
        let result = try await git(arguments, in: clone)
        if result.status != 0 {
            guard try await isBranchMissing(clone) else { throw failure(arguments, result) }
            base = nil
            return ListFiles()
        }
        let line = try await output(
            ["rev-parse", "--verify", "--quiet", Self.baseReference + "^{commit}"], in: clone)
        base = line
        return ListFiles(
            list: try await blob(listPath, of: line, in: clone, bytesMax: ImageList.bytesMax),
            changelog: try await blob(
                changelogPath, of: line, in: clone, bytesMax: Changelog.bytesMax))
    }

    func commit(_ files: ListFiles, _ note: CommitNote) async throws(ListTargetError)
        -> CommitAnswer
    {
        guard let clone else { return .outdated }
        let index = ["GIT_INDEX_FILE": clone + "/imprimatur.index"]
        try LocalFile.remove(clone + "/imprimatur.index")
        try await output(["read-tree", base ?? "--empty"], in: clone, extra: index)
        for (path, bytes) in [(listPath, files.list), (changelogPath, files.changelog)] {
            try LocalFile.write(bytes, to: clone + "/imprimatur.blob")
            let blob = try await output(
                ["hash-object", "-w", "--no-filters", "--", clone + "/imprimatur.blob"], in: clone)
            try await output(
                ["update-index", "--add", "--cacheinfo", "100644,\(blob),\(path)"], in: clone,
                extra: index)
        }
        let tree = try await output(["write-tree"], in: clone, extra: index)
        let parent = base.map { ["-p", $0] } ?? []
        let commit = try await output(
            ["commit-tree", tree] + parent + ["-F", "-"], in: clone,
            input: Array(note.message.utf8), extra: identity(note))
        return try await push(commit, from: clone)
    }

    func revision(of note: CommitNote) async throws(ListTargetError) -> String? {
        guard let clone, let base else { return nil }
        let found = try await output(
            [
                "log", "--fixed-strings", "--grep=\(note.trailer)", "--max-count=1",
                "--format=%H", base, "--",
            ], in: clone)
        return found.isEmpty ? nil : found
    }
}

// MARK: - Steps

extension GitTarget {
    private var listPath: String { inFolder("\(settings.listName).txt") }
    private var changelogPath: String { inFolder("\(settings.listName).changelog") }

    private func inFolder(_ name: String) -> String {
        settings.folder.isEmpty ? name : "\(settings.folder)/\(name)"
    }

    private func existingClone() async throws(ListTargetError) -> String {
        if let clone { return clone }
        let fresh = try openScratch().fresh()
        try LocalFile.makeDirectories(home, mode: 0o700)
        try writeCredentials()
        let arguments = ["init", "--quiet", "--bare", "--", fresh]
        let result = try await run(arguments)
        guard result.status == 0 else { throw failure(arguments, result) }
        clone = fresh
        return fresh
    }

    private func openScratch() throws(ListTargetError) -> Scratch {
        if let scratch { return scratch }
        let scratch = try Scratch(path: settings.workingCopy)
        self.scratch = scratch
        return scratch
    }

    /// `ls-remote --exit-code` ends with 2 when the remote answers but has no such branch.
    private func isBranchMissing(_ clone: String) async throws(ListTargetError) -> Bool {
        let arguments = [
            "ls-remote", "--quiet", "--exit-code", "--", settings.url,
            "refs/heads/\(settings.branch)",
        ]
        return try await git(arguments, in: clone).status == 2
    }

    private func blob(
        _ path: String, of commit: String, in clone: String, bytesMax: Int
    ) async throws(ListTargetError) -> [UInt8] {
        // `100644 blob <id> <size>\t<path>\0`, or nothing.
        let line = try await output(
            ["ls-tree", "--full-tree", "--long", "-z", commit, "--", path], in: clone)
        guard !line.isEmpty else { return [] }
        let words = line.prefix { $0 != "\t" }.split(separator: " ")
        guard words.count == 4, words[0].hasPrefix("100"), words[1] == "blob",
            let size = Int(words[3])
        else { throw .wrongFile(path: path, reason: "is no regular file") }
        guard size <= bytesMax else {
            throw .wrongFile(path: path, reason: "exceeds \(bytesMax) bytes")
        }
        let arguments = ["cat-file", "blob", String(words[2])]
        let result = try await git(arguments, in: clone, outputBytesMax: size + 1)
        guard result.status == 0, result.output.count == size else {
            throw failure(arguments, result)
        }
        return result.output
    }

    private func push(_ commit: String, from clone: String) async throws(ListTargetError)
        -> CommitAnswer
    {
        let branch = "refs/heads/\(settings.branch)"
        let arguments = [
            "push", "--porcelain", "--no-progress", "--force-with-lease=\(branch):\(base ?? "")",
            "--", settings.url, "\(commit):\(branch)",
        ]
        let result = try await git(arguments, in: clone)
        if result.status == 0 { return .committed(revision: commit) }
        // `!\t<from>:<to>\t[remote rejected] (pre-receive hook declined)`
        let output = String(decoding: result.output, as: UTF8.self)
        let refusal = output.split(separator: "\n").first { $0.hasPrefix("!") } ?? ""
        if refusal.contains("hook declined") {
            let lines = result.errorText.split(separator: "\n").compactMap { line in
                line.hasPrefix("remote: ") ? String(line.dropFirst(8)) : nil
            }
            return try HookReason.answer(lines.joined(separator: "\n"))
        }
        let isOutdated = [
            "stale info", "fetch first", "non-fast-forward", "failed to update ref",
            "incorrect old value", "reference already exists", "cannot lock ref",
        ].contains { refusal.contains($0) }
        guard isOutdated else { throw failure(arguments, result) }
        return .outdated
    }
}

// MARK: - The command

extension GitTarget {
    private var home: String { (scratch?.path ?? settings.workingCopy) + "/home" }

    private func run(
        _ arguments: [String], input: [UInt8] = [], extra: [String: String] = [:],
        outputBytesMax: Int = Program.outputBytesMax
    ) async throws(ListTargetError) -> Program.Result {
        let program = Program(
            name: "git",
            environment: [
                "HOME": home, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
                "GIT_SSH_COMMAND": "ssh -o BatchMode=yes", "GIT_LITERAL_PATHSPECS": "1",
            ], timeMax: settings.timeMax)
        return try await program.run(
            arguments, input: input, extra: extra, outputBytesMax: outputBytesMax)
    }

    private func git(
        _ arguments: [String], in clone: String, input: [UInt8] = [],
        extra: [String: String] = [:], outputBytesMax: Int = Program.outputBytesMax
    ) async throws(ListTargetError) -> Program.Result {
        try await run(
            ["--git-dir=\(clone)"] + arguments, input: input, extra: extra,
            outputBytesMax: outputBytesMax)
    }

    /// The program's output without the line feed at its end; anything but success is an error.
    @discardableResult
    private func output(
        _ arguments: [String], in clone: String, input: [UInt8] = [], extra: [String: String] = [:]
    ) async throws(ListTargetError) -> String {
        let result = try await git(arguments, in: clone, input: input, extra: extra)
        guard result.status == 0 else { throw failure(arguments, result) }
        let text = String(decoding: result.output, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private func failure(_ arguments: [String], _ result: Program.Result) -> ListTargetError {
        let text = Program.cleaned(result.errorText)
        let isUnusable = [
            "Authentication failed", "could not read Username", "does not appear to be a git",
            "Repository not found", "Permission denied (publickey",
        ].contains { text.contains($0) }
        if isUnusable { return .unusable("git \(arguments[0]): \(text)") }
        return .program("git", operation: arguments[0], status: result.status, text: text)
    }

    /// Author and committer are fixed and the date is the batch's: the same batch on the same
    /// parent is the same commit.
    private func identity(_ note: CommitNote) -> [String: String] {
        let parts = settings.author.split(separator: "<", maxSplits: 1)
        let name = parts.first.map { String($0).trimmingSpaces } ?? "imprimatur"
        let address = parts.count == 2 ? String(parts[1].prefix { $0 != ">" }) : ""
        var variables: [String: String] = [:]
        for role in ["AUTHOR", "COMMITTER"] {
            variables["GIT_\(role)_NAME"] = name
            variables["GIT_\(role)_EMAIL"] = address
            variables["GIT_\(role)_DATE"] = "@\(note.batch.time.seconds) +0000"
        }
        return variables
    }

    /// git takes a password from a file that only this user can read (git-credential-store).
    private func writeCredentials() throws(ListTargetError) {
        let path = home + "/.git-credentials"
        var configuration = "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
        try LocalFile.remove(path)
        if let user = settings.user, let password = settings.password,
            let slashes = settings.url.firstRange(of: "://")
        {
            let host = settings.url[slashes.upperBound...].prefix { $0 != "/" }
            let scheme = settings.url[..<slashes.upperBound]
            let line = "\(scheme)\(Self.encoded(user)):\(Self.encoded(password))@\(host)\n"
            try LocalFile.write(Array(line.utf8), to: path, mode: 0o600)
            configuration += "[credential]\n\thelper = store\n"
        }
        try LocalFile.write(Array(configuration.utf8), to: home + "/.gitconfig", mode: 0o600)
    }

    private static func encoded(_ text: String) -> String {
        PercentEncoding.encode(text, keeping: PercentEncoding.isUnreserved)
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        let start = drop { $0 == " " }
        return String(start.prefix(through: start.lastIndex { $0 != " " } ?? start.startIndex))
    }
}
