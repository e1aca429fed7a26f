// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import PipelineTesting
import TestSupport
import Testing

@testable import VerifierWorker

@Suite("Checksum files signed with minisign", .timeLimit(.minutes(5)))
struct MinisignFileTests {
    private let fixture: VerifierFixture
    private let pair: MinisignPair

    init() async throws {
        fixture = try VerifierFixture()
        pair = try await MinisignPair()
    }

    private var settings: [String: String] {
        ["verifier.keyrings": "\(SignedSample.host)=\(pair.publicKeyPath)"]
    }

    private func rule(_ sums: [UInt8], _ signature: [UInt8]) async throws -> String {
        let event = try await fixture.signed(sums, signature)
        return try await fixture.rejection(event, settings).rule
    }

    @Test("Both algorithms are good", arguments: [[], ["-l"]])
    func good(_ options: [String]) async throws {
        let signature = try await pair.sign(SignedSample.sums, options: options)
        let event = try await fixture.signed(SignedSample.sums, signature, demands: true)
        let found = try #require(
            try await fixture.verified(event, settings).evidence.first?.signature)
        #expect(found.format == .minisign && found.signer == nil)
        #expect(found.key == (try pair.publicKey()))
        let age = Timestamp.now.seconds - (found.made?.seconds ?? 0)
        #expect((0..<600).contains(age))
    }

    @Test("A comment without a time leaves the time open")
    func timeless() async throws {
        let signature = try await pair.sign(SignedSample.sums, comment: "release 3")
        let event = try await fixture.signed(SignedSample.sums, signature, demands: true)
        let found = try await fixture.verified(event, settings).evidence.first?.signature
        #expect(found?.key != nil && found?.made == nil)
    }

    @Test("Changed sums, signature or trusted comment are refused", arguments: [[], ["-l"]])
    func tampered(_ options: [String]) async throws {
        let sums = SignedSample.sums
        let signature = try await pair.sign(sums, comment: "abcdef", options: options)
        #expect(try await rule(SignedSample.otherSums, signature) == "signature-bad")
        let text = String(decoding: signature, as: UTF8.self)
        let comment = text.replacingOccurrences(of: "abcdef", with: "abcdeF")
        #expect(try await rule(sums, Array(comment.utf8)) == "signature-bad")
        for place in stride(from: 0, to: signature.count, by: 5) {
            var changed = signature
            changed[place] ^= 0x02
            // The first comment is signed by nobody.
            if changed.firstIndex(of: 10) ?? 0 > place { continue }
            let rule = try await rule(sums, changed)
            #expect(rule.hasPrefix("signature-"), "byte \(place): \(rule)")
        }
    }

    @Test("Another's key is unknown, and so is the wrong kind of key")
    func unknown() async throws {
        let other = try await MinisignPair()
        let signature = try await other.sign(SignedSample.sums)
        #expect(try await rule(SignedSample.sums, signature) == "signature-key-unknown")
        let event = try await fixture.signed(SignedSample.sums, signature)
        let room = try await KeyRoom.shared.value
        let keys = ["verifier.keyrings": "\(SignedSample.host)=\(try await room.keys(.ada))"]
        #expect(try await fixture.rejection(event, keys).rule == "signature-key-unknown")
        let openPGP = try await room.sign(SignedSample.sums, .ada)
        #expect(try await rule(SignedSample.sums, openPGP) == "signature-key-unknown")
        #expect(
            try await fixture.verified(event).evidence.map(\.uncheckedSignature) == [.minisign])
    }

    @Test("What is only nearly a signature is none")
    func malformed() async throws {
        let text = String(decoding: try await pair.sign(SignedSample.sums), as: UTF8.self)
        let lines = text.split(separator: "\n").map(String.init)
        let files = [
            lines[..<2].joined(separator: "\n"), text + text, text + "more\n",
            text.replacingOccurrences(of: "trusted comment: t", with: "comment: t"),
            text.replacingOccurrences(of: "timestamp", with: "time\u{1b}stamp"),
            lines[0] + "\n!" + lines[1] + "\n" + lines[2] + "\n" + lines[3],
        ]
        for file in files {
            let rule = try await rule(SignedSample.sums, Array(file.utf8))
            #expect(rule == "signature-malformed", "\(file)")
        }
    }
}
