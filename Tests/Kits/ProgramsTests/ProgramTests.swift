// SPDX-License-Identifier: Apache-2.0
import Foundation
import Programs
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ProgramTests {
    @Test func whatIsStoppedDiesWithItsChildren() async throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("child")
        let program = Program("sh", timeMax: .seconds(100))
        let task = Task {
            try await program.run(["-c", "sleep 600 & echo $! > \(path); wait"])
        }
        let child = try await eventually(timeout: .seconds(60), "the child") {
            let text = try? String(contentsOfFile: path, encoding: .utf8)
            return Int32((text ?? "").trimmingCharacters(in: .whitespacesAndNewlines))
        }
        task.cancel()
        _ = await task.result
        try await eventually("the child's end") { kill(child, 0) != 0 || isZombie(child) }
    }

    private func isZombie(_ process: Int32) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return status?.contains(") Z ") == true
    }

    @Test func whatRunsTooLongIsStopped() async throws {
        let program = Program("sleep", timeMax: .milliseconds(300))
        let error = await #expect(throws: ProgramsError.self) { try await program.run(["600"]) }
        #expect(error == .timedOut("sleep", max: .milliseconds(300)))
    }

    @Test func outputEnvironmentAndStatusAreAsAsked() async throws {
        let program = Program("sh", environment: ["ONLY": "this"], timeMax: .seconds(30))
        await #expect(throws: ProgramsError.self) {
            try await program.run(["-c", "head -c 2000000 /dev/zero"])
        }
        let result = try await program.run(["-c", "env; echo no >&2; exit 7"])
        let output = String(decoding: result.output, as: UTF8.self)
        let names = Set(output.split(separator: "\n").compactMap { $0.split(separator: "=").first })
        #expect(names.isSubset(of: ["ONLY", "LC_ALL", "PATH", "PWD", "_", "SHLVL"]))
        #expect(names.isSuperset(of: ["ONLY", "LC_ALL", "PATH"]))
        #expect(result.status == 7 && !result.isSignalled && result.errorText == "no\n")
        let killed = try await program.run(["-c", "kill -SEGV $$"])
        #expect(killed.isSignalled && killed.status == 128 + 11)
    }

    @Test(arguments: ["no-such-program", "/nowhere/no-such-program"])
    func aMissingProgramIsNamed(name: String) async throws {
        let error = await #expect(throws: ProgramsError.self) {
            try await Program(name, timeMax: .seconds(60)).run([])
        }
        #expect(error == .missing(name))
    }

    @Test func inputReachesTheProgramOrIsDroppedWhenItDoesNotRead() async throws {
        let program = Program("sh", timeMax: .seconds(30))
        let most = [UInt8](repeating: 65, count: Program.inputBytesMax)
        #expect(try await program.run(["-c", "cat"], input: most).output == most)
        #expect(try await program.run(["-c", "exit 3"], input: most).status == 3)
        await #expect(throws: ProgramsError.self) {
            try await program.run(["-c", "cat"], input: most + [65])
        }
    }

    @Test func controlCharactersOfOthersAreGone() {
        #expect(Program.cleaned("a\n\u{1b}[31m b\u{202e}c\r\n\n") == "a [31m b c")
        #expect(Program.cleaned(String(repeating: "x", count: 9_000)).count == 1_000)
    }

    @Test func aPrivateDirectoryIsPrivateAndGoes() throws {
        var directory: PrivateDirectory? = try PrivateDirectory()
        let path = try #require(directory?.path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o700)
        let file = try #require(try directory?.write([1, 2, 3], to: "a"))
        let fileMode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
        #expect(fileMode as? Int == 0o600)
        #expect(try directory?.read("a", bytesMax: 3) == [1, 2, 3])
        #expect(try directory?.read("b", bytesMax: 3) == nil)
        #expect(throws: ProgramsError.self) { try directory?.read("a", bytesMax: 2) }
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/link", withDestinationPath: "/etc/passwd")
        #expect(throws: ProgramsError.self) { try directory?.read("link", bytesMax: 1 << 20) }
        directory = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
