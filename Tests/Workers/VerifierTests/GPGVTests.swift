// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Pipeline
import PipelineTesting
import Programs
import TestSupport
import Testing

@testable import VerifierWorker

@Suite("gpgv itself", .timeLimit(.minutes(5)))
struct GPGVTests {
    private let fixture: VerifierFixture
    private let room: KeyRoom

    init() async throws {
        fixture = try VerifierFixture()
        room = try await KeyRoom.shared.value
    }

    private func outcome(
        gpgv: String, deadline: Duration = .seconds(600)
    ) async throws -> Outcome {
        let signature = try await room.sign(SignedSample.sums, .ada)
        let event = try await fixture.signed(SignedSample.sums, signature)
        let settings = [
            "verifier.keyrings": "*=\(try await room.keys(.ada))", "verifier.gpgv": gpgv,
        ]
        return try await fixture.outcome(event, settings, deadline: deadline)
    }

    /// A program in gpgv's place.
    private func script(_ text: String) throws -> String {
        let path = try fixture.folder.write("#!/bin/sh\n\(text)\n", to: "bin/gpgv")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    @Test("It sees a directory of its own, which is gone afterwards, and nothing else")
    func isolation() async throws {
        let log = fixture.folder.file("log")
        let gpgv = try script(
            "{ echo \"$@\"; env | sort; stat -c %a \"$GNUPGHOME\"; ls \"$GNUPGHOME\"; } > \(log)\n"
                + "exec /usr/bin/gpgv \"$@\"")
        guard case .done = try await outcome(gpgv: gpgv) else { throw Unjudged() }
        let lines = try String(contentsOfFile: log, encoding: .utf8)
            .split(separator: "\n").map(String.init)
        let home = try #require(lines.first { $0.hasPrefix("GNUPGHOME=") }?.dropFirst(10))
        let names = Set(
            lines.filter { $0.contains("=") }.compactMap { $0.split(separator: "=").first })
        #expect(names.isSubset(of: ["GNUPGHOME", "LC_ALL", "PATH", "PWD", "_", "OLDPWD", "SHLVL"]))
        #expect(lines.suffix(4) == ["700", "file", "keys-0", "signature"])
        #expect(
            lines[0] == "--homedir \(home) --status-fd 1 --keyring \(home)/keys-0"
                + " -- \(home)/signature \(home)/file")
        #expect(!FileManager.default.fileExists(atPath: String(home)))
    }

    @Test(
        "Whatever ends without a judgement accepts nothing",
        arguments: [
            "kill -SEGV $$", "exit 0", "exit 3", "echo '[GNUPG:] GOODSIG 1 x'; kill -9 $$",
            "echo '[GNUPG:] ERROR keydb_search 1'; echo '[GNUPG:] ERRSIG 1 1 8 00 1 9 1'; exit 2",
            "head -c 1000000 /dev/zero",
        ])
    func crash(_ text: String) async throws {
        let gpgv = try script(text)
        let error = await #expect(throws: (any Error).self) { try await outcome(gpgv: gpgv) }
        #expect((error as? any Disposed)?.disposition == .transient)
    }

    @Test("A good signature counts only with its proof")
    func unproved() async throws {
        for text in [
            "GOODSIG 1 x",
            "GOODSIG 1 x\\n[GNUPG:] NEWSIG\\n[GNUPG:] VALIDSIG 1 2 3 0 4 0 22 8 00 1",
        ] {
            let gpgv = try script("printf '[GNUPG:] \(text)\\n'")
            guard case .reject(let rejection) = try await outcome(gpgv: gpgv) else {
                throw Unjudged()
            }
            #expect(rejection.rule == "signature-unsupported")
        }
    }

    @Test("One that hangs is stopped at the deadline, and tried again")
    func hanging() async throws {
        let gpgv = try script("sleep 600")
        let error = await #expect(throws: ProgramsError.self) {
            try await outcome(gpgv: gpgv, deadline: .seconds(3))
        }
        #expect(error?.disposition == .transient)
    }

    @Test("One that is not there stops the worker")
    func missing() async throws {
        let error = await #expect(throws: ProgramsError.self) {
            try await outcome(gpgv: "/nowhere/gpgv")
        }
        #expect(error == .missing("/nowhere/gpgv"))
        #expect(error?.disposition == .fatal)
    }

    @Test("A key file that changes is read anew, one that goes stops the worker")
    func rotation() async throws {
        let signature = try await room.sign(SignedSample.sums, .ada)
        let event = try await fixture.signed(SignedSample.sums, signature)
        let path = fixture.folder.file("keys")
        func copy(_ signer: KeyRoom.Signer) async throws {
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(atPath: try await room.keys(signer), toPath: path)
        }
        try await copy(.rob)
        let values = try SettingValues(VerifierConfig.settings, ["verifier.keyrings": "*=\(path)"])
        let handler = VerifierHandler(try VerifierConfig(values))
        let context = TestContext.make(stage: .verifier, store: fixture.store)
        guard case .reject = try await handler.handle(event, context) else { throw Unjudged() }
        try await copy(.ada)
        guard case .done = try await handler.handle(event, context) else { throw Unjudged() }
        try FileManager.default.removeItem(atPath: path)
        let error = await #expect(throws: (any Error).self) {
            try await handler.handle(event, context)
        }
        #expect((error as? any Disposed)?.disposition == .fatal)
    }
}

private struct Unjudged: Error {}
