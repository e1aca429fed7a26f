// SPDX-License-Identifier: Apache-2.0
import Foundation

/// `Tests/Support/Servers/ftp_server.py`: serves a directory on loopback.
public final class FTPServer: Sendable {
    /// What is served.
    public let root: TemporaryDirectory
    public let port: Int
    private let control: TemporaryDirectory
    private let process: BackgroundProcess

    public init() async throws {
        root = try TemporaryDirectory()
        control = try TemporaryDirectory()
        (process, port) = try await PythonServer.start(
            "ftp_server.py", ["--root", root.path, "--control", control.path],
            output: control.file("output"))
    }

    public func url(_ path: String) -> String { "ftp://127.0.0.1:\(port)/\(path)" }

    /// The next file is cut off after this many bytes.
    public func truncateNext(after bytes: Int) throws {
        try control.write("\(bytes)", to: "truncate")
    }

    /// All commands so far.
    public var commands: [String] {
        let log = try? String(contentsOfFile: control.file("log.txt"), encoding: .utf8)
        return (log ?? "").split(separator: "\n").map(String.init)
    }
}
