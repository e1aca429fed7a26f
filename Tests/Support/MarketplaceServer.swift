// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// `imprimatur-marketplace` as a process on a free port of 127.0.0.1, with a database of its own.
public final class MarketplaceServer: Sendable {
    public let directory: TemporaryDirectory
    private let arguments: [String]
    private let state: Mutex<(process: BackgroundProcess, port: Int)>

    /// - Parameter arguments: beside `--listen` and `--database`.
    public init(_ arguments: [String] = []) async throws {
        directory = try TemporaryDirectory()
        self.arguments = arguments
        let started = try await Self.start(arguments, directory, port: 0)
        state = Mutex(started)
    }

    public var port: Int { state.withLock { $0.port } }
    /// Base URL, ending in `/`.
    public var url: String { "http://127.0.0.1:\(port)/" }
    public var process: BackgroundProcess { state.withLock { $0.process } }
    /// What all processes of this server have logged.
    public var log: String { process.output }

    /// How many logged lines contain `text`.
    public func count(_ text: String) -> Int {
        log.split(separator: "\n").count { $0.contains(text) }
    }

    /// Kills it (SIGKILL); requests under way break.
    public func kill() async throws {
        process.kill()
        try await process.waitForExit()
    }

    /// Starts it again on its port and database.
    public func start() async throws {
        let started = try await Self.start(arguments, directory, port: port)
        state.withLock { $0 = started }
    }

    private static func start(
        _ arguments: [String], _ directory: TemporaryDirectory, port: Int
    ) async throws -> (BackgroundProcess, Int) {
        let before = log(directory).count(of: "listening")
        let process = try BackgroundProcess(
            builtProduct("imprimatur-marketplace", "MarketplaceServer"),
            [
                "--listen", "127.0.0.1:\(port)", "--database",
                directory.file("marketplace.sqlite"),
            ] + arguments, output: directory.file("log"))
        let port = try await eventually(timeout: .seconds(30), "marketplace on its port") {
            guard process.isRunning else {
                throw NeverHappened(description: "marketplace ended: \(process.output)")
            }
            let lines = log(directory).filter { $0.contains("listening") }
            return lines.count > before ? lines.last.flatMap(portNamed) : nil
        }
        return (process, port)
    }

    private static func log(_ directory: TemporaryDirectory) -> [Substring] {
        let data = FileManager.default.contents(atPath: directory.file("log")) ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
            .filter { $0.contains("MarketplaceServer]") }
    }

    private static func portNamed(in line: Substring) -> Int? {
        line.split(separator: " ").first { $0.hasPrefix("port=") }
            .flatMap { Int($0.dropFirst(5)) }
    }
}

extension [Substring] {
    fileprivate func count(of text: String) -> Int { count { $0.contains(text) } }
}
