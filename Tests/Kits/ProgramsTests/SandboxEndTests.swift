// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Programs

@Suite("End of a sandbox", .timeLimit(.minutes(3)))
struct SandboxEndTests {
    private let sandbox = Sandbox(limits: .generous)

    /// Leaves children, grandchildren and daemons that hear no signal.
    private func stubborn(_ token: String, then end: String) -> String {
        """
        trap '' TERM HUP INT
        python3 -c '
        import os, signal, sys, time
        for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(s, signal.SIG_IGN)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for i in (0, 1, 2): os.close(i)
                time.sleep(600) # \(token)
            os._exit(0)
        ' 2> /dev/null &
        sleep 601 & setsid sleep 602 &
        echo started; \(end)
        """
    }

    @Test("At the time-out nothing is left of it", arguments: Confinement.allCases)
    func timeOut(_ by: Confinement) async throws {
        let token = freshToken()
        let start = ContinuousClock.now
        let error = await #expect(throws: ProgramsError.self) {
            try await by.shell(
                stubborn(token, then: "sleep 603"), sandbox, timeMax: .seconds(2))
        }
        guard case .timedOut(_, max: .seconds(2)) = error else {
            throw NeverHappened(description: "\(String(describing: error))")
        }
        #expect(ContinuousClock.now - start < .seconds(20))
        try await eventually("the end of all") { !isRunning(token) }
    }

    @Test("A program that ends takes its daemons along", arguments: Confinement.allCases)
    func regularEnd(_ by: Confinement) async throws {
        let token = freshToken()
        let result = try await by.shell(stubborn(token, then: "sleep 1; exit 5"), sandbox)
        #expect(result.status == 5 && result.lines == ["started"], "\(result)")
        try await eventually("the end of all") { !isRunning(token) }
    }

    @Test("A cancelled task leaves nothing")
    func cancelling() async throws {
        let token = freshToken()
        let program = Program("bash", timeMax: .seconds(100), sandbox: sandbox)
        let script = stubborn(token, then: "sleep 603")
        let task = Task { try await program.run(["-c", script]) }
        try await eventually(timeout: .seconds(60), "its start") { isRunning(token) }
        task.cancel()
        _ = await task.result
        try await eventually("the end of all") { !isRunning(token) }
    }

    @Test("It dies with the worker", arguments: Confinement.allCases)
    func parentsDeath(_ by: Confinement) async throws {
        let token = freshToken()
        let isRoots = by == .byThisUser && geteuid() == 0
        let command = try sandbox.command(
            "bash", ["-c", stubborn(token, then: "sleep 603")], changesUser: isRoots)
        // The shell, which does not become the command, is its parent.
        let parent = try BackgroundProcess(
            "sh", ["-c", "\"$@\"; echo ended", "sh"] + command)
        try await eventually(timeout: .seconds(60), "its start") { isRunning("sleep\u{0}602") }
        parent.kill()
        try await parent.waitForExit()
        try await eventually("the end of all") { !isRunning(token) }
    }

    @Test("Without bubblewrap nothing runs")
    func bubblewrapMissing() async throws {
        let folder = try TemporaryDirectory()
        for bubblewrap in [nil, "/nowhere/bwrap"] {
            var sandbox = sandbox
            sandbox.bubblewrap = bubblewrap
            sandbox.writable = [Sandbox.Bind(host: folder.path, inside: "/work")]
            let error = await #expect(throws: ProgramsError.self) {
                try await Program("touch", timeMax: .seconds(60), sandbox: sandbox)
                    .run(["/work/ran"])
            }
            guard case .sandboxUnavailable(let reason) = error else {
                throw NeverHappened(description: "\(String(describing: error))")
            }
            #expect(reason.contains("install the package bubblewrap"))
            #expect(error?.needsPerson == true)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("ran")))
    }

    @Test("Where namespaces are not permitted, the error says what to allow")
    func notPermitted() async throws {
        let folder = try TemporaryDirectory()
        let bubblewrap = try await folder.writeProgram(
            "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n",
            to: "bwrap")
        var sandbox = sandbox
        sandbox.bubblewrap = bubblewrap
        let error = await #expect(throws: ProgramsError.self) {
            try await Program("echo", timeMax: .seconds(60), sandbox: sandbox).run([])
        }
        guard case .sandboxUnavailable(let reason) = error else {
            throw NeverHappened(description: "\(String(describing: error))")
        }
        #expect(reason.contains("No permissions to create new namespace"))
        #expect(reason.contains("user.max_user_namespaces"))
        try await Sandbox.probe()
    }

    @Test("What cannot be bound is named, and is no fault of the machine")
    func bindings() async throws {
        var sandbox = sandbox
        sandbox.readOnly = [Sandbox.Bind(host: "/nowhere/x", inside: "/x")]
        let program = Program("true", timeMax: .seconds(60), sandbox: sandbox)
        let error = await #expect(throws: ProgramsError.self) { try await program.run([]) }
        #expect(error == .system(operation: "binding", path: "/nowhere/x", code: ENOENT))
        sandbox.readOnly = [Sandbox.Bind(host: "/etc", inside: "/usr/nowhere/x")]
        let other = Program("true", timeMax: .seconds(60), sandbox: sandbox)
        let otherError = await #expect(throws: ProgramsError.self) { try await other.run([]) }
        guard case .notRun("true", let reason) = otherError else {
            throw NeverHappened(description: "\(String(describing: otherError))")
        }
        #expect(reason.hasPrefix("bwrap: "))
        #expect(otherError?.needsPerson == false)
    }
}
