// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Programs

/// Who starts a sandbox. Where the tests run as an ordinary user, both are the same.
enum Confinement: CaseIterable, CustomTestStringConvertible {
    case byThisUser
    case byOrdinaryUser

    var testDescription: String { self == .byThisUser ? "by this user" : "by an ordinary user" }

    /// Runs a shell script inside.
    func shell(
        _ script: String, _ sandbox: Sandbox, timeMax: Duration = .seconds(60),
        inputFile: String? = nil
    ) async throws -> Program.Result {
        try await run("bash", ["-c", script], sandbox, timeMax: timeMax, inputFile: inputFile)
    }

    func run(
        _ name: String, _ arguments: [String], _ sandbox: Sandbox,
        timeMax: Duration = .seconds(60), inputFile: String? = nil
    ) async throws -> Program.Result {
        guard self == .byOrdinaryUser, geteuid() == 0 else {
            let program = Program(name, timeMax: timeMax, sandbox: sandbox)
            guard let inputFile else { return try await program.run(arguments) }
            return try await program.run(arguments, inputFile: inputFile)
        }
        // The very command that an ordinary user's process starts, started as one.
        let command = try sandbox.command(
            name, arguments, inputPath: inputFile, changesUser: false)
        return try await Program("setpriv", timeMax: timeMax).run(
            ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"] + command)
    }
}

extension Sandbox.Limits {
    /// Enough for anything these tests run.
    static let generous = Sandbox.Limits(
        cpuTimeMax: .seconds(60), memoryBytesMax: 2 << 30, fileBytesMax: 64 << 20)
}

extension Program.Result {
    var lines: [String] {
        String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// Whether a process of this machine has `token` in its command line.
func isRunning(_ token: String) -> Bool {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.contains { process in
        guard Int(process) != nil,
            let line = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(process)/cmdline"))
        else { return false }
        return String(decoding: line, as: UTF8.self).contains(token)
    }
}

/// A word that no other process has in its command line.
func freshToken() -> String { "token\(UUID().uuidString.filter { $0 != "-" })" }
