// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import PipelineTesting
import TestSupport
import Testing

@testable import VerifierWorker

@Suite("When a signature is demanded", .timeLimit(.minutes(5)))
struct SignatureDemandTests {
    private let fixture: VerifierFixture
    private let room: KeyRoom

    init() async throws {
        fixture = try VerifierFixture()
        room = try await KeyRoom.shared.value
    }

    private func settings(_ demand: String? = nil) async throws -> [String: String] {
        var settings = ["verifier.keyrings": "\(SignedSample.host)=\(try await room.keys(.ada))"]
        settings["verifier.require-signature"] = demand
        return settings
    }

    @Test("A request that demands one is refused without")
    func request() async throws {
        let event = try await fixture.signed(SignedSample.sums, nil, demands: true) {
            $0.digests = ["sha256": Fixture.blob(of: Fixture.imageBytes).sha256]
        }
        let rejection = try await fixture.rejection(event, try await settings())
        #expect(rejection.rule == "signature-missing")
        #expect(rejection.message.contains("requireSignature"))
    }

    @Test(
        "A source's policy holds for everyone, for its files and its images",
        arguments: ["*", "download.cirros-cloud.net", "*.cirros-cloud.net/0.3.4"])
    func policy(_ source: String) async throws {
        let settings = try await settings(source)
        let plain = try await fixture.signed(SignedSample.sums, nil)
        let rejection = try await fixture.rejection(plain, settings)
        #expect(rejection.rule == "signature-missing")
        #expect(rejection.message.contains("verifier.require-signature"))
        let signature = try await room.sign(SignedSample.sums, .ada)
        let signed = try await fixture.signed(SignedSample.sums, signature)
        _ = try await fixture.verified(signed, settings)
        // Digests of the request itself, and no checksum file.
        var request = SignedSample.request(isSigned: false)
        request.checksumFiles = nil
        request.digests = ["sha256": Fixture.blob(of: Fixture.imageBytes).sha256]
        let own = try await fixture.fetched(checksums: nil, request: request)
        #expect(try await fixture.rejection(own, settings).rule == "signature-missing")
        _ = try await fixture.verified(own, ["verifier.require-signature": "example.org"])
    }

    @Test("Other sources are free")
    func otherSources() async throws {
        let plain = try await fixture.signed(SignedSample.sums, nil)
        let settings = try await settings("example.org,download.cirros-cloud.net/0.3.5")
        _ = try await fixture.verified(plain, settings)
    }

    @Test("A signed MD5 does not carry an unsigned SHA-256")
    func weak() async throws {
        let md5 = Fixture.checksumFile()
        let signature = try await room.sign(md5, .ada)
        let event = try await fixture.signed(md5, signature, demands: true) {
            $0.digests = ["sha256": Fixture.blob(of: Fixture.imageBytes).sha256]
        }
        let rejection = try await fixture.rejection(event, try await settings())
        #expect(rejection.rule == "signature-missing")
        #expect(rejection.message.contains("md5"))
        let accepted = try await fixture.signed(md5, signature, demands: true) {
            $0.acceptWeakDigests = [.md5]
        }
        _ = try await fixture.verified(accepted, try await settings())
    }

    @Test("A bad signature is refused before anything is read from the file")
    func order() async throws {
        let signature = try await room.sign(SignedSample.sums, .ada)
        let event = try await fixture.signed(Array("no line of use\n".utf8), signature)
        #expect(try await fixture.rejection(event, try await settings()).rule == "signature-bad")
    }
}
