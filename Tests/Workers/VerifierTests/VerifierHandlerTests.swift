// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import TestSupport
import Testing

@testable import VerifierWorker

@Suite(.timeLimit(.minutes(2))) struct VerifierHandlerTests {
    private let fixture: VerifierFixture

    init() throws { fixture = try VerifierFixture() }

    @Test func cirrosPassesOnItsMD5SumsAlone() async throws {
        let event = try await fixture.fetched(checksums: Fixture.checksumFile())
        let verified = try await fixture.verified(event)
        #expect(verified.blob == Fixture.blob(of: Fixture.imageBytes))
        #expect(
            verified.evidence == [
                Verified.Evidence(
                    algorithm: .md5, value: Fixture.digests(of: Fixture.imageBytes).md5,
                    source: Fixture.baseURL + "MD5SUMS", line: 2)
            ])
    }

    @Test func theSameEventGivesTheSameOutcome() async throws {
        let event = try await fixture.fetched(checksums: Fixture.checksumFile())
        guard case .done(let first) = try await fixture.outcome(event),
            case .done(let second) = try await fixture.outcome(event)
        else { throw Unexpected() }
        #expect(first.map(\.id) == second.map(\.id))
        #expect(first.map(\.data) == second.map(\.data))
        #expect(first.map(\.type) == [.imageVerified])
    }

    @Test func evidenceIsInTheOrderRequestThenFiles() async throws {
        let digests = Fixture.digests(of: Fixture.imageBytes)
        var request = Fixture.request()
        request.digests = ["sha512": digests.sha512, "sha1": digests.sha1.uppercased()]
        let sums = "\(digests.sha256)  \(Fixture.fileName)\n\(digests.md5)  \(Fixture.fileName)\n"
        let event = try await fixture.fetched(checksums: Array(sums.utf8), request: request)
        let evidence = try await fixture.verified(event).evidence
        #expect(evidence.map(\.algorithm) == [.sha1, .sha512, .sha256, .md5])
        #expect(evidence.map(\.line) == [nil, nil, 1, 2])
        #expect(evidence.allSatisfy { $0.value == digests[$0.algorithm] })
    }

    @Test func aMismatchSaysFileLineAlgorithmExpectedAndFound() async throws {
        let wrong = String(repeating: "0", count: 32)
        let sums = "# comment\n\(wrong) *\(Fixture.fileName)\n"
        let rejection = try await fixture.rejection(
            try await fixture.fetched(checksums: Array(sums.utf8)))
        let found = Fixture.digests(of: Fixture.imageBytes).md5
        #expect(rejection.rule == "digest-mismatch")
        for part in ["MD5SUMS, line 2", "MD5", wrong, found, Fixture.fileName] {
            #expect(rejection.message.contains(part))
        }
        #expect(
            rejection.evidence == [
                "source": Fixture.baseURL + "MD5SUMS", "line": "2", "algorithm": "md5",
                "entry": Fixture.fileName, "expected": wrong, "found": found,
            ])
    }

    @Test func oneWrongDigestSpoilsManyRightOnes() async throws {
        var request = Fixture.request()
        request.digests = [
            "sha256": Fixture.blob(of: Fixture.imageBytes).sha256,
            "md5": String(repeating: "0", count: 32),
        ]
        let rejection = try await fixture.rejection(
            try await fixture.fetched(checksums: Fixture.checksumFile(), request: request))
        #expect(rejection.rule == "digest-mismatch")
        #expect(rejection.evidence["source"] == "request")
        #expect(rejection.evidence["line"] == nil)
    }

    @Test func weakDigestsNeedToBeAcceptedByName() async throws {
        var request = Fixture.request()
        request.acceptWeakDigests = [.sha1]
        let event = try await fixture.fetched(checksums: Fixture.checksumFile(), request: request)
        let rejection = try await fixture.rejection(event)
        #expect(rejection.rule == "no-trusted-digest")
        #expect(rejection.message.contains("acceptWeakDigests: [md5]"))
    }

    @Test func policyMayForbidWeakDigestsAltogether() async throws {
        let event = try await fixture.fetched(checksums: Fixture.checksumFile())
        let rejection = try await fixture.rejection(event, ["verifier.allow-weak": "false"])
        #expect(rejection.rule == "no-trusted-digest")
        #expect(rejection.message.contains("no weak digest at all"))
    }

    @Test func policyMayWantSHA512() async throws {
        var request = Fixture.request()
        request.acceptWeakDigests = nil
        request.digests = ["sha256": Fixture.blob(of: Fixture.imageBytes).sha256]
        let event = try await fixture.fetched(checksums: Fixture.checksumFile(), request: request)
        _ = try await fixture.verified(event)
        let rejection = try await fixture.rejection(event, ["verifier.accepted-digests": "sha512"])
        #expect(rejection.rule == "no-trusted-digest")
    }

    @Test func nothingToCompareIsNoEvidence() async throws {
        var request = Fixture.request()
        request.checksumFiles = nil
        let event = try await fixture.fetched(checksums: nil, request: request)
        let rejection = try await fixture.rejection(event)
        #expect(rejection.rule == "no-trusted-digest")
        #expect(rejection.message.contains("names no digest"))
    }

    @Test(arguments: [
        ("checksum-entry-missing", "d41d8cd98f00b204e9800998ecf8427e  other.img\n"),
        (
            "checksum-conflict",
            "d41d8cd98f00b204e9800998ecf8427e  \(Fixture.fileName)\n"
                + "d41d8cd98f00b204e9800998ecf84270  \(Fixture.fileName)\n"
        ),
        ("checksum-file-invalid", String(repeating: "\n", count: 150_000)),
        ("checksum-file-invalid", String(repeating: "x", count: (1 << 20) + 1)),
    ])
    func badChecksumFilesAreRejected(rule: String, text: String) async throws {
        let event = try await fixture.fetched(checksums: Array(text.utf8))
        #expect(try await fixture.rejection(event).rule == rule)
    }

    @Test func theRequestMayNameTheEntry() async throws {
        var request = Fixture.request()
        request.checksumFiles?[0].entry = "stable/disk.img"
        let md5 = Fixture.digests(of: Fixture.imageBytes).md5
        let sums = "\(md5)  cirros/stable/disk.img\n"
        let event = try await fixture.fetched(checksums: Array(sums.utf8), request: request)
        #expect(try await fixture.verified(event).evidence.count == 1)
    }

    @Test func storedBytesAreNotTakenOnTrust() async throws {
        let event = try await fixture.fetched(checksums: Fixture.checksumFile())
        let blob = Fixture.blob(of: Fixture.imageBytes)
        var bytes = Fixture.imageBytes
        bytes[40_000] ^= 1
        try fixture.overwrite(blob, with: bytes)
        #expect(try await fixture.rejection(event).rule == "stored-bytes-differ")
        _ = try await fixture.verified(event, ["verifier.recompute": "false"])
        try fixture.overwrite(blob, with: Array(bytes.dropLast()))
        for recompute in ["true", "false"] {
            await #expect(throws: BlobStoreError.self) {
                try await fixture.outcome(event, ["verifier.recompute": recompute])
            }
        }
    }

    @Test func aBlobThatIsMissingIsTriedAgain() async throws {
        let event = Fixture.fetched()
        let error = await #expect(throws: BlobStoreError.self) { try await fixture.outcome(event) }
        #expect(error?.disposition == .transient)
    }

    @Test func aDamagedChecksumFileIsNeverRead() async throws {
        let event = try await fixture.fetched(checksums: Fixture.checksumFile())
        let blob = Fixture.blob(of: Fixture.checksumFile())
        try fixture.overwrite(blob, with: [UInt8](repeating: 65, count: blob.size))
        let error = await #expect(throws: BlobStoreError.self) { try await fixture.outcome(event) }
        #expect(error?.disposition == .permanent)
    }

    @Test func timeIsBounded() async throws {
        let event = try await fixture.fetched(checksums: Fixture.checksumFile())
        let error = await #expect(throws: OutOfTime.self) {
            try await fixture.outcome(event, deadline: .zero)
        }
        #expect(error?.disposition == .transient)
    }
}

private struct Unexpected: Error {}
