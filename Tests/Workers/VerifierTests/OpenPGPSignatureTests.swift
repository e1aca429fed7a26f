// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import PipelineTesting
import TestSupport
import Testing

@testable import VerifierWorker

@Suite("Checksum files signed with OpenPGP", .timeLimit(.minutes(5)))
struct OpenPGPSignatureTests {
    private let fixture: VerifierFixture
    private let room: KeyRoom

    init() async throws {
        fixture = try VerifierFixture()
        room = try await KeyRoom.shared.value
    }

    private func settings(
        _ path: String, host: String = SignedSample.host
    ) -> [String: String] {
        ["verifier.keyrings": "\(host)=\(path)"]
    }

    /// The rule by which the sums with this signature are refused.
    private func rule(
        _ signature: [UInt8]?, of sums: [UInt8] = SignedSample.sums, keys: String
    ) async throws -> String {
        let event = try await fixture.signed(sums, signature)
        let rejection = try await fixture.rejection(event, settings(keys))
        #expect(rejection.message.contains(SignedSample.url), "\(rejection.message)")
        #expect(rejection.evidence["source"] == SignedSample.url)
        return rejection.rule
    }

    @Test("Signer, key and time are recorded", arguments: [KeyRoom.Signer.ada, .rob, .sue])
    func recorded(_ signer: KeyRoom.Signer) async throws {
        for isArmoured in [false, true] {
            let signature = try await room.sign(
                SignedSample.sums, signer, options: isArmoured ? ["--armor"] : [])
            let event = try await fixture.signed(SignedSample.sums, signature, demands: true)
            let keys = try await room.keys(signer, armoured: isArmoured)
            let evidence = try await fixture.verified(event, settings(keys)).evidence
            #expect(evidence.map(\.line) == [1])
            #expect(evidence[0].uncheckedSignature == nil)
            #expect(
                evidence[0].signature
                    == Verified.Signature(
                        format: .openpgp, key: try #require(room.fingerprints[signer]),
                        signer: signer.userID, made: Timestamp("2024-05-01T12:00:00Z")))
        }
    }

    @Test("Changed sums and a changed signature are refused, though nobody demands one")
    func tampered() async throws {
        let keys = try await room.keys(.ada)
        let signature = try await room.sign(SignedSample.sums, .ada)
        #expect(
            try await rule(signature, of: SignedSample.otherSums, keys: keys) == "signature-bad")
        // All but the part in the middle that OpenPGP leaves unsigned: head and signed particulars,
        // and the two numbers of 32 bytes that are the signature itself.
        let places = Array(0..<30) + Array((signature.count - 68)..<signature.count)
        for place in places where place % 7 == 0 {
            var changed = signature
            changed[place] ^= 0x11
            let rule = try await rule(changed, keys: keys)
            #expect(rule.hasPrefix("signature-"), "byte \(place): \(rule)")
        }
        let other = try await room.sign(SignedSample.otherSums, .ada)
        #expect(try await rule(other, keys: keys) == "signature-bad")
    }

    @Test("What is not a signature, or more than one, is never given to gpgv")
    func malformed() async throws {
        let keys = try await room.keys(.ada)
        let whole = try await room.sign(SignedSample.sums, .ada, how: "--sign")
        let clear = try await room.sign(SignedSample.sums, .ada, how: "--clearsign")
        let plain = try await room.sign(
            SignedSample.sums, .ada, options: ["--compress-level", "0"])
        let page = Array("<html>404</html>".utf8)
        for bytes in [whole, clear, page, [], plain + whole, Array(plain.dropLast(5))] {
            #expect(try await rule(bytes, keys: keys) == "signature-malformed")
            let unchecked = try await fixture.signed(SignedSample.sums, bytes)
            #expect(try await fixture.rejection(unchecked).rule == "signature-malformed")
        }
    }

    @Test("Keys and signatures that do not count have rules of their own")
    func refusals() async throws {
        let sums = SignedSample.sums
        let all = try await room.keys(.ada, .rob, .old, .rex)
        let eve = try await room.sign(sums, .eve)
        #expect(try await rule(eve, keys: all) == "signature-key-unknown")
        let old = try await room.sign(sums, .old)
        #expect(try await rule(old, keys: all) == "signature-key-expired")
        let expired = try await room.sign(
            sums, .ada, options: ["--default-sig-expire", "seconds=60"])
        #expect(try await rule(expired, keys: all) == "signature-expired")
        let weak = try await room.sign(sums, .ada, options: ["--digest-algo", "SHA1"])
        #expect(try await rule(weak, keys: all) == "signature-weak")
        let rob = try await room.sign(sums, .rob)
        let ada = try await room.keys(.ada)
        #expect(try await rule(rob, keys: ada) == "signature-key-unknown")
    }

    @Test("A revoked key signs nothing")
    func revoked() async throws {
        // GnuPG signs with it in a room that has not heard of the revocation.
        let before = try TemporaryDirectory()
        let key = try await room.privateKey(.rex)
        let input = try before.write(SignedSample.sums, to: "sums")
        let home = ["--batch", "--quiet", "--homedir", before.path]
        let loopback = ["--pinentry-mode", "loopback", "--passphrase", ""]
        let stripped = try await PacketStrip.withoutRevocation(key, in: before)
        #expect(try await run("gpg", home + loopback + ["--import", stripped]).status == 0)
        let signing = try await run(
            "gpg", home + loopback + ["--output", input + ".sig", "--detach-sign", input])
        #expect(signing.status == 0, "\(signing.output)")
        let signature = Array(try Data(contentsOf: URL(fileURLWithPath: input + ".sig")))
        let keys = try await room.keys(.rex)
        #expect(try await rule(signature, keys: keys) == "signature-key-revoked")
    }

    @Test("Of several signatures one good one suffices, and a bad one spoils it")
    func several() async throws {
        let sums = SignedSample.sums
        let all = try await room.keys(.ada, .rob, .old)
        let good = try await room.sign(sums, .ada)
        let eve = try await room.sign(sums, .eve)
        let old = try await room.sign(sums, .old)
        let bad = try await room.sign(SignedSample.otherSums, .rob)
        for signature in [eve + good, good + eve, old + good, good + old] {
            let event = try await fixture.signed(sums, signature, demands: true)
            let evidence = try await fixture.verified(event, settings(all)).evidence
            #expect(evidence[0].signature?.key == room.fingerprints[.ada])
        }
        #expect(try await rule(good + bad, keys: all) == "signature-bad")
        #expect(try await rule(bad + good, keys: all) == "signature-bad")
        #expect(try await rule(eve + old, keys: all) == "signature-key-unknown")
    }

    @Test("Without a key for its source a signature is noted, and no more")
    func unchecked() async throws {
        let signature = try await room.sign(SignedSample.sums, .ada)
        let keys = try await room.keys(.ada)
        let event = try await fixture.signed(SignedSample.sums, signature)
        for host in ["example.org", "\(SignedSample.host)/elsewhere"] {
            let evidence = try await fixture.verified(event, settings(keys, host: host)).evidence
            #expect(evidence.map(\.signature) == [nil])
            #expect(evidence.map(\.uncheckedSignature) == [.openpgp])
        }
        let demanded = try await fixture.signed(SignedSample.sums, signature, demands: true)
        let rejection = try await fixture.rejection(demanded, settings(keys, host: "example.org"))
        #expect(rejection.rule == "signature-unchecked")
        #expect(rejection.message.contains("verifier.keyrings"))
    }

    @Test("Keys are of their source: host, path, domain, or all")
    func sources() async throws {
        let signature = try await room.sign(SignedSample.sums, .ada)
        let (keys, other) = (try await room.keys(.ada), try await room.keys(.rob))
        let event = try await fixture.signed(SignedSample.sums, signature, demands: true)
        for host in ["\(SignedSample.host)/0.3.4", "*.cirros-cloud.net", "*", "*/0.3.4/"] {
            let list = "example.org=\(other),\(host)=\(keys)"
            let evidence = try await fixture.verified(event, ["verifier.keyrings": list]).evidence
            #expect(evidence[0].signature != nil, "\(host)")
        }
        // All that speak of the source count together.
        let list = "*=\(other),\(SignedSample.host)=\(keys)"
        _ = try await fixture.verified(event, ["verifier.keyrings": list])
    }
}
