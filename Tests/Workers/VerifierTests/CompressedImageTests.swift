// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import PipelineTesting
import TestSupport
import Testing

@testable import VerifierWorker

/// Images that were downloaded compressed: the digests that vouch for them are those of the file,
/// the document will show those of the image inside.
@Suite(.timeLimit(.minutes(2))) struct CompressedImageTests {
    private let fixture: VerifierFixture

    init() throws { fixture = try VerifierFixture() }

    private func event(
        _ kind: CompressionKind = .gz, change: (inout Fetched) -> Void = { _ in },
        damage: ([UInt8]) -> [UInt8] = { $0 }
    ) async throws -> Event {
        let tools: [CompressionKind: (String, String)] = [
            .gz: ("gzip", "gz"), .bz2: ("bzip2", "bz2"), .xz: ("xz", "xz"), .zstd: ("zstd", "zst"),
        ]
        let (tool, suffix) = try #require(tools[kind])
        let file = try fixture.folder.write(Fixture.imageBytes, to: "image")
        #expect(try await run(tool, ["-f", "-k", "-q", file]).status == 0)
        let packed = damage(
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(file).\(suffix)"))))
        return try await fixture.fetched(
            image: packed, checksums: Fixture.checksumFile(image: packed)
        ) { fetched in
            fetched.compression = kind
            fetched.uncompressed = Fetched.Content(
                size: Fixture.imageBytes.count, digests: Fixture.digests(of: Fixture.imageBytes))
            change(&fetched)
        }
    }

    @Test(arguments: [CompressionKind.gz, .bz2, .xz, .zstd])
    func bothFormsAreChecked(kind: CompressionKind) async throws {
        let verified = try await fixture.verified(try await event(kind))
        #expect(verified.evidence.count == 1)
    }

    @Test func theUncompressedDigestsAreNotTakenOnTrust() async throws {
        let event = try await event { fetched in
            fetched.uncompressed.digests.sha512 = String(repeating: "0", count: 128)
        }
        let rejection = try await fixture.rejection(event)
        #expect(rejection.rule == "stored-bytes-differ")
        #expect(rejection.evidence["field"] == "fetched.uncompressed")
    }

    @Test(arguments: [-1, 1])
    func norIsTheUncompressedSize(difference: Int) async throws {
        let rejection = try await fixture.rejection(
            try await event { $0.uncompressed.size += difference })
        #expect(["stored-bytes-differ", "compression-invalid"].contains(rejection.rule))
    }

    @Test func aTruncatedFileIsRejectedThoughItsDigestsMatch() async throws {
        let event = try await event(.xz) { _ in
        } damage: {
            Array($0.dropLast(20))
        }
        let rejection = try await fixture.rejection(event)
        #expect(rejection.rule == "compression-invalid")
        #expect(rejection.message.contains("truncated"))
    }
}
