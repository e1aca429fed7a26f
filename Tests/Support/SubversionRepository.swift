// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A real Subversion repository in a temporary directory, reached by `file://`, or by `svn://`
/// once ``serve(user:password:)`` was called.
public final class SubversionRepository: Sendable {
    /// Of the repository on disk.
    public let path: String
    public var url: String { "file://\(path)" }
    private let directory: TemporaryDirectory

    public init() async throws {
        directory = try TemporaryDirectory()
        path = directory.file("repository")
        try await Self.succeed("svnadmin", ["create", path])
    }

    /// Installs a hook, such as `pre-commit`.
    public func install(hook name: String, _ text: String) throws {
        let hook = "\(path)/hooks/\(name)"
        // Renamed into place: a hook that is being run cannot be written to.
        try Data(text.utf8).write(to: URL(fileURLWithPath: hook + ".new"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: hook + ".new")
        try? FileManager.default.removeItem(atPath: hook)
        try FileManager.default.moveItem(atPath: hook + ".new", toPath: hook)
    }

    public func remove(hook name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/hooks/\(name)")
    }

    /// Installs the project's pre-commit hook with its configuration (`pre-commit.conf`).
    public func installListHook(configuration: String) throws {
        try Data(configuration.utf8).write(
            to: URL(fileURLWithPath: "\(path)/hooks/pre-commit.conf"))
        let hook = try String(
            contentsOfFile: "\(repositoryRoot)/ops/svn-hooks/pre-commit", encoding: .utf8)
        try install(hook: "pre-commit", hook)
    }

    /// Serves it by svnserve, to one user with a password; nobody else may read or write.
    public func serve(user: String, password: String) async throws -> SubversionServer {
        try Data("[general]\nanon-access = none\nauth-access = write\npassword-db = passwd\n".utf8)
            .write(to: URL(fileURLWithPath: "\(path)/conf/svnserve.conf"))
        try Data("[users]\n\(user) = \(password)\n".utf8)
            .write(to: URL(fileURLWithPath: "\(path)/conf/passwd"))
        let port = try freePort()
        let process = try BackgroundProcess(
            "svnserve",
            [
                "--daemon", "--foreground", "--listen-host", "127.0.0.1", "--listen-port",
                "\(port)", "--root", path,
            ])
        try await process.waitForPort(port)
        return SubversionServer(url: "svn://127.0.0.1:\(port)", process: process)
    }

    /// The number of the newest revision.
    public func youngest() async throws -> Int {
        let output = try await Self.succeed("svnlook", ["youngest", path])
        return Int(output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    /// A file of the newest (or an earlier) revision; nil when it is not there.
    public func content(of file: String, revision: Int? = nil) async throws -> [UInt8]? {
        let chosen = revision.map { ["-r", "\($0)"] } ?? []
        let result = try await run("svnlook", ["cat"] + chosen + [path, file])
        return result.status == 0 ? Array(result.output.utf8) : nil
    }

    /// The paths that the newest (or an earlier) revision changed, such as `U   list.txt`.
    public func changes(revision: Int? = nil) async throws -> [String] {
        let chosen = revision.map { ["-r", "\($0)"] } ?? []
        return try await Self.succeed("svnlook", ["changed"] + chosen + [path])
            .split(separator: "\n").map(String.init)
    }

    /// The message of the newest (or an earlier) revision.
    public func message(revision: Int? = nil) async throws -> String {
        let chosen = revision.map { ["-r", "\($0)"] } ?? []
        return try await Self.succeed("svnlook", ["log"] + chosen + [path])
    }

    /// Commits files as somebody else would, from a working copy of its own.
    ///
    /// - Returns: exit status and output of `svn commit`.
    @discardableResult
    public func commit(
        _ files: [String: String], message: String = "by hand"
    ) async throws -> (status: Int32, output: String) {
        let copy = try TemporaryDirectory()
        try await Self.succeed("svn", ["checkout", "--quiet", url, copy.path])
        for (name, text) in files { try copy.write(text, to: name) }
        let names = files.keys.map { copy.file($0) }
        try await Self.succeed("svn", ["add", "--quiet", "--force", "--parents"] + names)
        return try await run("svn", ["commit", "--message", message, copy.path])
    }

    @discardableResult
    private static func succeed(_ program: String, _ arguments: [String]) async throws -> String {
        let result = try await run(program, arguments, environment: ["LC_ALL": "C.UTF-8"])
        guard result.status == 0 else {
            throw NeverHappened(description: "\(program) \(arguments): \(result.output)")
        }
        return result.output
    }
}

/// A running svnserve; ends with its last reference.
public final class SubversionServer: Sendable {
    public let url: String
    private let process: BackgroundProcess

    init(url: String, process: BackgroundProcess) {
        self.url = url
        self.process = process
    }
}
