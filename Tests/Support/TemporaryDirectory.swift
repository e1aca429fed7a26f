// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// A fresh directory, removed with its content when the last reference goes.
public final class TemporaryDirectory: Sendable {
    public let path: String
    public var url: URL { URL(fileURLWithPath: path, isDirectory: true) }

    /// - Parameter inMemory: on `/dev/shm` where there is one: fast, and gone with a reboot.
    public init(inMemory: Bool = false) throws {
        let shared = inMemory && FileManager.default.isWritableFile(atPath: "/dev/shm")
        let parent = shared ? "/dev/shm" : NSTemporaryDirectory()
        path = parent + (parent.hasSuffix("/") ? "" : "/") + "imprimatur-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of `name` inside.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, with the folders it needs, and returns its path.
    @discardableResult
    public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        let file = URL(fileURLWithPath: self.file(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }

    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    /// Writes a program that everyone can run, and returns its path.
    ///
    /// Another process makes the file: a child that another thread of this one forks just now
    /// would hold it open for writing, and Linux runs no such file ("Text file busy").
    public func writeProgram(_ text: String, to name: String) async throws -> String {
        let source = try write(text, to: "\(name).source")
        try await run("install", ["-m", "755", source, file(name)])
        return file(name)
    }
}

/// The root of the work tree, also when the tests are built through symbolic links.
public let repositoryRoot: String = {
    var url = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
}()
