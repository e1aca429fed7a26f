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
    private func script(_ text: String) async throws -> String {
        try await fixture.folder.writeProgram("#!/bin/sh\n\(text)\n", to: "bin/gpgv")
    }

    @Test("It sees a directory of its own, which is gone afterwards, and nothing else")
    func isolation() async throws {
        let secret = try fixture.folder.write("SEEN", to: "secret")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: secret)
        let gpgv = try await script(
            """
            {
                echo "$@"
                echo NAMES $(env | sed 's/=.*//' | sort)
                echo FILES $(stat -c %a /work) $(ls /work)
                echo ROOT $(awk '$5 == "/work" { print $4 }' /proc/self/mountinfo)
                echo USER $(id -u)
                cat \(secret) /etc/shadow || echo unseen
            } >&2
            exit 3
            """)
        let error = await #expect(throws: GPGVError.self) { try await outcome(gpgv: gpgv) }
        let text = try #require(error?.text)
        #expect(
            text.contains(
                "--homedir /work --status-fd 1 --keyring /work/keys-0"
                    + " -- /work/signature /work/file"))
        #expect(text.contains("NAMES GNUPGHOME HOME LC_ALL PATH PWD TMPDIR FILES"))
        #expect(text.contains("FILES 700 file keys-0 signature ROOT"))
        #expect(text.contains("USER 65534") && text.hasSuffix("unseen") && !text.contains("SEEN "))
        let name = try #require(text.split(separator: " ").first { $0.contains("/imprimatur-") })
        let directory = try #require(name.split(separator: "/").last)
        #expect(
            !FileManager.default.fileExists(atPath: "\(NSTemporaryDirectory())/\(directory)"))
    }

    @Test("The real one judges from within a sandbox")
    func sandboxed() async throws {
        guard case .done = try await outcome(gpgv: "/usr/bin/gpgv") else { throw Unjudged() }
        guard case .done = try await outcome(gpgv: "gpgv") else { throw Unjudged() }
    }

    @Test(
        "Whatever ends without a judgement accepts nothing",
        arguments: [
            "kill -SEGV $$", "exit 0", "exit 3", "echo '[GNUPG:] GOODSIG 1 x'; kill -9 $$",
            "echo '[GNUPG:] ERROR keydb_search 1'; echo '[GNUPG:] ERRSIG 1 1 8 00 1 9 1'; exit 2",
            "head -c 1000000 /dev/zero",
        ])
    func crash(_ text: String) async throws {
        let gpgv = try await script(text)
        let error = await #expect(throws: (any Error).self) { try await outcome(gpgv: gpgv) }
        #expect((error as? any Disposed)?.disposition == .transient)
    }

    @Test("A good signature counts only with its proof")
    func unproved() async throws {
        for text in [
            "GOODSIG 1 x",
            "GOODSIG 1 x\\n[GNUPG:] NEWSIG\\n[GNUPG:] VALIDSIG 1 2 3 0 4 0 22 8 00 1",
        ] {
            let gpgv = try await script("printf '[GNUPG:] \(text)\\n'")
            guard case .reject(let rejection) = try await outcome(gpgv: gpgv) else {
                throw Unjudged()
            }
            #expect(rejection.rule == "signature-unsupported")
        }
    }

    @Test("One that hangs is stopped at the deadline, and tried again")
    func hanging() async throws {
        let gpgv = try await script("sleep 600")
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
