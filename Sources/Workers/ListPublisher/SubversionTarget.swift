// SPDX-License-Identifier: Apache-2.0
import Files
import ImageLists
import Threads

/// A list in a Subversion repository, through the `svn` command (1.9 or newer).
///
/// The working copy holds the two files and nothing else of the repository. The repository itself
/// refuses a commit of a file that changed since the last update.
actor SubversionTarget: ListTarget {
    struct Settings: Sendable {
        /// The folder of the list.
        var url: String
        var listName: String
        /// See ``Scratch``.
        var workingCopy: String
        var user: String?
        var password: String?
        /// For one command.
        var timeMax: Duration
    }

    private let settings: Settings
    private let executor = QueueExecutor(label: "imprimatur.list.subversion")
    private var scratch: Scratch?
    /// The working copy, when it is known to be sound.
    private var copy: String?

    /// Log entries that ``revision(of:)`` looks through, newest first.
    private static let logEntriesMax = 10_000
    /// What `svn commit` says when somebody else was faster (svn_error_codes.h): out of date
    /// in its several forms, conflicts, and a file that is there or gone meanwhile.
    private static let outdatedCodes = [
        "E155011", "E155015", "E160013", "E160020", "E160024", "E160028", "E170004", "E175013",
    ]
    /// Wrong URL, wrong credentials, no permission.
    private static let unusableCodes = [
        "E125002", "E170000", "E170001", "E180001", "E210005", "E215004",
    ]

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(_ settings: Settings) { self.settings = settings }

    func load() async throws(ListTargetError) -> ListFiles {
        if let copy, (try? await refresh(copy)) == nil { self.copy = nil }
        let copy = try await existingCopy()
        return ListFiles(
            list: try LocalFile.read(listPath(copy), bytesMax: ImageList.bytesMax) ?? [],
            changelog: try LocalFile.read(changelogPath(copy), bytesMax: Changelog.bytesMax) ?? [])
    }

    func commit(_ files: ListFiles, _ note: CommitNote) async throws(ListTargetError)
        -> CommitAnswer
    {
        guard let copy else { return .outdated }
        // Whatever happens from here on, only success leaves a working copy to go on with.
        self.copy = nil
        let paths = [listPath(copy), changelogPath(copy)]
        try LocalFile.write(files.list, to: paths[0])
        try LocalFile.write(files.changelog, to: paths[1])
        let message = copy + "/.message"
        try LocalFile.write(Array(note.message.utf8), to: message)
        try await check(["add", "--quiet", "--force", "--no-auto-props", "--"] + paths.map(pegged))
        let arguments =
            ["commit", "--encoding", "UTF-8", "--file", message, "--"] + paths.map(pegged)
        let result = try await run(arguments)
        let answer = try answer(arguments, result)
        if case .committed = answer { self.copy = copy }
        return answer
    }

    func revision(of note: CommitNote) async throws(ListTargetError) -> String? {
        let url = pegged("\(settings.url)/\(settings.listName).changelog")
        let output = try await check([
            "log", "--limit", "\(Self.logEntriesMax)", "--search", note.trailer, "--", url,
        ])
        // `r12 | author | date | 3 lines`, once at most: the trailer holds a digest.
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        return lines.lazy.compactMap { line -> String? in
            let word = line.prefix { $0 != " " }
            let isHead = word.first == "r" && line.hasPrefix("\(word) | ")
            return isHead ? Int(word.dropFirst()).map { "r\($0)" } : nil
        }.first
    }
}

// MARK: - The working copy

extension SubversionTarget {
    private func existingCopy() async throws(ListTargetError) -> String {
        if let copy { return copy }
        let fresh = try openScratch().fresh()
        try await writeConfiguration()
        // The place to make has no peg revision.
        try await check([
            "checkout", "--quiet", "--depth", "empty", "--", pegged(settings.url), fresh,
        ])
        try await update(fresh)
        copy = fresh
        return fresh
    }

    private func openScratch() throws(ListTargetError) -> Scratch {
        if let scratch { return scratch }
        let scratch = try Scratch(path: settings.workingCopy)
        self.scratch = scratch
        return scratch
    }

    private func refresh(_ copy: String) async throws(ListTargetError) {
        try await check(["revert", "--quiet", "--recursive", "--", pegged(copy)])
        try await update(copy)
    }

    private func update(_ copy: String) async throws(ListTargetError) {
        try await check(
            ["update", "--quiet", "--accept", "theirs-full", "--ignore-externals", "--"]
                + [listPath(copy), changelogPath(copy)].map(pegged))
    }

    /// Configuration of our own, so that no user's or machine's takes part.
    private func writeConfiguration() async throws(ListTargetError) {
        try LocalFile.makeDirectories(configuration, mode: 0o700)
        let servers = "[global]\nssl-trust-default-ca = yes\nstore-passwords = no\n"
        try LocalFile.write(Array(servers.utf8), to: configuration + "/servers")
    }

    private var configuration: String { (scratch?.path ?? settings.workingCopy) + "/config" }
    private func listPath(_ copy: String) -> String { "\(copy)/\(settings.listName).txt" }
    private func changelogPath(_ copy: String) -> String {
        "\(copy)/\(settings.listName).changelog"
    }

    /// An empty peg revision, so that no `@` before it is taken for one.
    private func pegged(_ target: String) -> String { target + "@" }
}

// MARK: - The command

extension SubversionTarget {
    private func run(_ arguments: [String]) async throws(ListTargetError) -> Program.Result {
        var global = ["--non-interactive", "--no-auth-cache", "--config-dir", configuration]
        if let user = settings.user { global += ["--username", user] }
        if settings.password != nil { global.append("--password-from-stdin") }
        let program = Program(
            name: "svn",
            environment: [
                "HOME": configuration, "SVN_SSH": "ssh -q -o BatchMode=yes",
            ], timeMax: settings.timeMax)
        return try await program.run(
            [arguments[0]] + global + arguments.dropFirst(),
            input: settings.password.map { Array($0.utf8) + [10] } ?? [])
    }

    @discardableResult
    private func check(_ arguments: [String]) async throws(ListTargetError) -> [UInt8] {
        let result = try await run(arguments)
        guard result.status == 0 else { throw failure(arguments, result) }
        return result.output
    }

    private func answer(
        _ arguments: [String], _ result: Program.Result
    ) throws(ListTargetError) -> CommitAnswer {
        if result.status == 0 {
            let output = String(decoding: result.output, as: UTF8.self)
            return .committed(revision: Self.committedRevision(in: output))
        }
        if let reason = Self.hookReason(in: result.errorText) {
            return try HookReason.answer(reason)
        }
        let isOutdated = Self.outdatedCodes.contains { result.errorText.contains("svn: \($0)") }
        guard isOutdated else { throw failure(arguments, result) }
        return .outdated
    }

    private func failure(_ arguments: [String], _ result: Program.Result) -> ListTargetError {
        let text = Program.cleaned(result.errorText)
        if Self.unusableCodes.contains(where: { text.contains("svn: \($0)") }) {
            return .unusable("svn \(arguments[0]): \(text)")
        }
        return .program("svn", operation: arguments[0], status: result.status, text: text)
    }

    /// The number in `Committed revision 12.`
    private static func committedRevision(in output: String) -> String? {
        let lead = "Committed revision "
        let line = output.split(separator: "\n").last { $0.hasPrefix(lead) }
        return line.flatMap { Int($0.dropFirst(lead.count).prefix { $0.isNumber }) }.map {
            "r\($0)"
        }
    }

    /// What the pre-commit hook wrote when it said no; nil when it was not the hook, or when the
    /// hook could not be started (255 without output) or was killed, which judges no image.
    static func hookReason(in text: String) -> String? {
        let lead = "blocked by pre-commit hook (exit code "
        guard let start = text.firstRange(of: lead) else { return nil }
        let rest = text[start.upperBound...]
        if let output = rest.firstRange(of: "with output:") {
            return String(rest[output.upperBound...])
        }
        return rest.hasPrefix("255)") ? nil : ""
    }
}
