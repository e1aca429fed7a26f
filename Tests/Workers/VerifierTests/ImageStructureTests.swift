// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import PipelineTesting
import TestSupport
import Testing

@testable import VerifierWorker

/// The image is what its bytes are, compressed or not, and nothing that another program must not
/// open gets past, however good its digests.
@Suite(.timeLimit(.minutes(2))) struct ImageStructureTests {
    private let fixture: VerifierFixture

    init() throws { fixture = try VerifierFixture() }

    /// The sample with a backing file, which would be read by whoever opens the image.
    private static let hostile = Array(
        Fixture.imageBytes[..<8] + [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 11]
            + Fixture.imageBytes[20..<256] + Array("/etc/passwd".utf8)
            + Fixture.imageBytes[267...])

    private func event(
        _ image: [UInt8], declared: ImageRequest.Format = .qcow2, packed: Bool = false
    ) async throws -> Event {
        var request = Fixture.request()
        request.source.format = declared
        guard packed else {
            return try await fixture.fetched(
                image: image, checksums: Fixture.checksumFile(image: image), request: request)
        }
        request.source.compression = .xz
        let file = try fixture.folder.write(image, to: "image")
        #expect(try await run("xz", ["-f", "-k", "-q", file]).status == 0)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file + ".xz")))
        return try await fixture.fetched(
            image: bytes, checksums: Fixture.checksumFile(image: bytes), request: request
        ) { fetched in
            fetched.compression = .xz
            fetched.uncompressed = Fetched.Content(
                size: image.count, digests: Fixture.digests(of: image))
        }
    }

    @Test(arguments: [false, true], ["true", "false"])
    func aSoundImagePasses(_ packed: Bool, recompute: String) async throws {
        let event = try await event(Fixture.imageBytes, packed: packed)
        _ = try await fixture.verified(event, ["verifier.recompute": recompute])
        #expect(
            try FileManager.default.contentsOfDirectory(
                atPath: fixture.folder.file("store/partial")
            ).isEmpty)
    }

    @Test(arguments: [false, true], ["true", "false"])
    func aBackingFileIsRefused(_ packed: Bool, recompute: String) async throws {
        let event = try await event(Self.hostile, packed: packed)
        let rejection = try await fixture.rejection(event, ["verifier.recompute": recompute])
        #expect(rejection.rule == "image-unsafe")
        #expect(rejection.evidence["check"] == "backing-file")
        #expect(rejection.message.contains("backing file"))
    }

    @Test(arguments: [false, true]) func anotherFormatIsRefused(_ packed: Bool) async throws {
        let rejection = try await fixture.rejection(
            try await event(Fixture.imageBytes, declared: .raw, packed: packed))
        #expect(rejection.rule == "format-mismatch")
        #expect(rejection.evidence["expected"] == "raw")
        #expect(rejection.evidence["found"] == "qcow2")
        let text = try await fixture.rejection(
            try await event(Array("not an image".utf8), packed: packed))
        #expect(text.evidence["found"] == "raw")
    }

    /// A raw disk may hold anything between its ends, but not another format's signature there.
    @Test(arguments: [false, true]) func rawDisksAreLookedAtAtBothEnds(_ packed: Bool) async throws
    {
        var disk = [UInt8](repeating: 7, count: 3_000_000)
        _ = try await fixture.verified(try await event(disk, declared: .raw, packed: packed))
        disk.replaceSubrange(2_999_488..<2_999_496, with: Array("conectix".utf8))
        let foot = try await fixture.rejection(
            try await event(disk, declared: .raw, packed: packed))
        #expect(foot.evidence["found"] == "vpc")
        disk = [UInt8](repeating: 7, count: 3_000_000)
        disk.replaceSubrange(32_769..<32_774, with: Array("CD001".utf8))
        let volume = try await fixture.rejection(
            try await event(disk, declared: .raw, packed: packed))
        #expect(volume.evidence["found"] == "iso")
    }

    @Test func theLimitsAreTheOperators() async throws {
        let event = try await event(
            [UInt8](repeating: 1, count: 70_000), declared: .raw)
        let rejection = try await fixture.rejection(
            event, ["verifier.disk-size-max": "64KiB"])
        #expect(rejection.rule == "image-unsafe")
        #expect(rejection.evidence["check"] == "virtual-size")
    }
}
