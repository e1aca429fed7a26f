// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Programs

@Suite("Limits of a sandbox", .timeLimit(.minutes(3)))
struct SandboxLimitTests {
    private func sandbox(
        seconds: Int = 30, memory: Int = 1 << 30, file: Int = 8 << 20, processes: Int = 32
    ) -> Sandbox {
        Sandbox(
            limits: Sandbox.Limits(
                cpuTimeMax: .seconds(seconds), memoryBytesMax: memory, fileBytesMax: file,
                openFilesMax: 32, processesMax: processes))
    }

    @Test("Processor time", arguments: Confinement.allCases)
    func processorTime(_ by: Confinement) async throws {
        let result = try await by.shell("while :; do :; done", sandbox(seconds: 1))
        #expect(result.isSignalled || by == .byOrdinaryUser)
        #expect(result.status == 128 + Int(SIGXCPU))
        // One that will not hear is killed a second later.
        let deaf = try await by.run(
            "python3",
            ["-c", "import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile 1: pass"],
            sandbox(seconds: 1))
        #expect(deaf.status == 128 + Int(SIGKILL))
    }

    @Test("Processor time is told apart")
    func processorTimeEnding() async throws {
        let program = Program("bash", timeMax: .seconds(60), sandbox: sandbox(seconds: 1))
        #expect(try await program.run(["-c", "while :; do :; done"]).ending == .cpuTimeExceeded)
        #expect(try await program.run(["-c", "exit 7"]).ending == .exited(code: 7))
        #expect(try await program.run(["-c", "kill -SEGV $$"]).ending == .signalled(SIGSEGV))
    }

    @Test("Memory", arguments: Confinement.allCases)
    func memory(_ by: Confinement) async throws {
        let result = try await by.run(
            "python3", ["-c", "x = bytearray(1 << 29)"], sandbox(memory: 256 << 20))
        #expect(result.ending == .outOfMemory, "\(result)")
        let enough = try await by.run(
            "python3", ["-c", "x = bytearray(1 << 26)"], sandbox(memory: 256 << 20))
        #expect(enough.status == 0, "\(enough)")
    }

    @Test("Size of files and of /tmp", arguments: Confinement.allCases)
    func files(_ by: Confinement) async throws {
        let room = try PrivateDirectory(forSandbox: true)
        var sandbox = sandbox(file: 1 << 20)
        sandbox.writable = [Sandbox.Bind(host: room.path, inside: "/work")]
        let result = try await by.shell("exec head -c 9000000 /dev/zero > /work/big", sandbox)
        #expect(result.status == 128 + Int(SIGXFSZ), "\(result)")
        #expect(try room.read("big", bytesMax: 1 << 20)?.count == 1 << 20)
        let filled = try await by.shell(
            "for i in $(seq 100); do head -c 1000000 /dev/zero > /tmp/$i || break; done; echo $i",
            sandbox)
        let count = try #require(filled.lines.first.flatMap { Int($0) })
        #expect((60...68).contains(count), "\(filled)")
        let open = try await by.shell(
            "for i in $(seq 3 60); do eval \"exec $i< /dev/null\" || break; done 2> /dev/null;"
                + " echo $i", sandbox)
        #expect(try #require(open.lines.first.flatMap { Int($0) }) <= 32)
    }

    @Test("A fork bomb", arguments: Confinement.allCases)
    func forkBomb(_ by: Confinement) async throws {
        let token = freshToken()
        let script =
            "for i in $(seq 40); do sleep 600 & done; : \(token)"
        let result = try await by.run("dash", ["-c", script], sandbox(processes: 12))
        #expect(result.errorText.contains("Cannot fork"), "\(result)")
        try await eventually("the end of all") { !isRunning(token) }
        let bomb = freshToken()
        do {
            let result = try await by.run(
                "dash", ["-c", "f() { f | f & }; f; : \(bomb); sleep 600"],
                sandbox(processes: 12), timeMax: .seconds(2))
            #expect(result.status != 0)
        } catch ProgramsError.timedOut {
            // As likely.
        }
        try await eventually("the end of the bomb") { !isRunning(bomb) }
    }

    @Test("Each sandbox counts its own processes")
    func manySandboxes() async throws {
        let sandbox = sandbox(processes: 8)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    let program = Program("bash", timeMax: .seconds(90), sandbox: sandbox)
                    return try await program.run(["-c", "sleep 1 | sleep 1 | sleep 1"]).status
                }
            }
            for try await status in group { #expect(status == 0) }
        }
    }

    @Test("Endless output", arguments: Confinement.allCases)
    func output(_ by: Confinement) async throws {
        let token = freshToken()
        for stream in [1, 2] {
            let error = await #expect(throws: ProgramsError.self) {
                try await by.shell("yes \(token) >&\(stream)", sandbox())
            }
            guard case .outputExceeded(_, bytesMax: Program.outputBytesMax) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        try await eventually("its end") { !isRunning(token) }
    }
}
