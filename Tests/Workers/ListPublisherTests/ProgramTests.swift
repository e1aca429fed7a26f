// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageLists
import Pipeline
import TestSupport
import Testing

@testable import ListPublisherWorker

@Suite(.endorsed, .timeLimit(.minutes(2))) struct ProgramTests {
    @Test func whatIsStoppedDiesWithItsChildren() async throws {
        let folder = try TemporaryDirectory()
        let program = Program(name: "sh", environment: [:], timeMax: .seconds(100))
        let path = folder.file("child")
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

    @Test func whatRunsTooLongIsStopped() async throws {
        let program = Program(name: "sleep", environment: [:], timeMax: .milliseconds(300))
        let error = await #expect(throws: ListTargetError.self) { try await program.run(["600"]) }
        #expect(
            error
                == .timedOut(program: "sleep", operation: "600", max: .milliseconds(300)))
    }

    private func isZombie(_ process: Int32) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return status?.contains(") Z ") == true
    }

    @Test func outputAndEnvironmentAreBounded() async throws {
        let program = Program(name: "sh", environment: ["ONLY": "this"], timeMax: .seconds(30))
        await #expect(throws: ListTargetError.self) {
            try await program.run(["-c", "head -c 2000000 /dev/zero"])
        }
        let output = String(decoding: try await program.check(["-c", "env"]), as: UTF8.self)
        let names = Set(output.split(separator: "\n").compactMap { $0.split(separator: "=").first })
        #expect(
            names.isSubset(of: ["ONLY", "LC_ALL", "PATH", "SSH_AUTH_SOCK", "PWD", "_", "SHLVL"]))
        #expect(names.isSuperset(of: ["ONLY", "LC_ALL", "PATH"]))
        let failed = try await program.run(["-c", "exit 7"])
        #expect(failed.status == 7)
        await #expect(throws: ListTargetError.programMissing("no-such-program")) {
            try await Program(name: "no-such-program", environment: [:], timeMax: .seconds(60))
                .run([])
        }
    }

    @Test func inputReachesTheProgramOrIsDroppedWhenItDoesNotRead() async throws {
        let program = Program(name: "sh", environment: [:], timeMax: .seconds(30))
        #expect(
            try await program.check(["-c", "cat"], input: Array("abc".utf8)) == Array("abc".utf8))
        let large = [UInt8](repeating: 65, count: 1 << 20)
        await #expect(throws: ListTargetError.self) {
            try await program.run(["-c", "cat"], input: large)
        }
        // Not reading it is the program's own business.
        let most = Array(large.prefix(Program.inputBytesMax))
        for _ in 1...20 {
            #expect(try await program.run(["-c", "exit 3"], input: most).status == 3)
        }
        #expect(try await program.check(["-c", "cat"], input: most) == most)
    }

    @Test func controlCharactersOfOthersAreGone() {
        #expect(Program.cleaned("a\n\u{1b}[31m b\u{202e}c\r\n\n") == "a [31m b c")
        #expect(Program.cleaned(String(repeating: "x", count: 9_000)).count == 1_000)
    }

    /// The wrong password names no password, and is for a person to mend.
    @Test func aWrongPasswordIsFatalAndNeverTold() async throws {
        let (repository, scratch) = (try await SubversionRepository(), try TemporaryDirectory())
        let server = try await repository.serve(user: "p", password: "right")
        let target = SubversionTarget(
            .init(
                url: server.url, listName: "image_list", workingCopy: scratch.file("w"), user: "p",
                password: "wr0ng-secret", timeMax: .seconds(30)))
        let error = await #expect(throws: ListTargetError.self) { try await target.load() }
        #expect(error?.disposition == .fatal)
        let text = error?.description ?? ""
        #expect(text.contains("E170001"))
        #expect(!text.contains("wr0ng"))
        withExtendedLifetime(server) {}
    }

    @Test func aWrongURLIsFatal() async throws {
        let (repository, scratch) = (try await SubversionRepository(), try TemporaryDirectory())
        let target = SubversionTarget(
            .init(
                url: repository.url + "/nowhere", listName: "image_list",
                workingCopy: scratch.file("w"), timeMax: .seconds(30)))
        let error = await #expect(throws: ListTargetError.self) { try await target.load() }
        #expect(error?.disposition == .fatal)
        let git = GitTarget(
            .init(
                url: scratch.file("nowhere"), branch: "main", folder: "", listName: "image_list",
                workingCopy: scratch.file("g"), author: "x", timeMax: .seconds(30)))
        let other = await #expect(throws: ListTargetError.self) { try await git.load() }
        #expect(other?.disposition == .fatal)
    }

    /// A standby on the same machine, with the same configuration.
    @Test func twoProcessesWithOneConfigurationDoNotMeet() async throws {
        let (repository, scratch) = (try await SubversionRepository(), try TemporaryDirectory())
        let settings = SubversionTarget.Settings(
            url: repository.url, listName: "image_list", workingCopy: scratch.file("w"),
            timeMax: .seconds(60))
        let targets = [SubversionTarget(settings), SubversionTarget(settings)]
        for (number, target) in targets.enumerated() {
            let event = try Sample.uploaded("image\(number)")
            let outcomes = try await Bench().handle(ListPublisherHandler(target), [event])
            #expect(try outcomes.lists().map(\.serial) == [number + 1])
        }
        let used = try FileManager.default.contentsOfDirectory(atPath: scratch.file("w"))
        #expect(used.sorted() == ["1", "2"])
        #expect(try await repository.youngest() == 2)
    }

    /// What a password passes through: no argument and no variable of any program.
    @Test func thePasswordIsInNoArgumentAndNoVariable() async throws {
        let (repository, folder) = (try await SubversionRepository(), try TemporaryDirectory())
        let server = try await repository.serve(user: "p", password: "s3cr3t")
        let log = folder.file("log")
        try folder.write(
            "#!/bin/sh\n{ echo \"$@\"; env; } >> \(log)\nexec /usr/bin/svn \"$@\"\n", to: "bin/svn")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder.file("bin/svn"))
        let (bin, url, copy) = (folder.file("bin"), server.url, folder.file("w"))
        let endorser = try await SampleEndorser.files()
        let (p12, password) = (endorser.pkcs12Path, endorser.password)
        await #expect(processExitsWith: .success) {
            [
                bin = bin as String, url = url as String, copy = copy as String,
                p12 = p12 as String, password = password as String
            ] in
            try SampleEndorser.adopt(p12, password: password)
            setenv("PATH", "\(bin):/usr/bin:/bin", 1)
            let target = SubversionTarget(
                .init(
                    url: url, listName: "image_list", workingCopy: copy, user: "p",
                    password: "s3cr3t", timeMax: .seconds(30)))
            _ = try await Bench().handle(
                ListPublisherHandler(target), [try Sample.uploaded("one")])
        }
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(text.contains("--password-from-stdin"))
        #expect(!text.contains("s3cr3t"))
        #expect(try await repository.youngest() == 1)
        withExtendedLifetime(server) {}
    }
}
