// SPDX-License-Identifier: Apache-2.0
import Compression
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct DecompressionLimitTests {
    private static let zeros = [UInt8](repeating: 0, count: 70 << 20)

    @Test(arguments: CompressionFormat.allCases)
    func outputIsBounded(format: CompressionFormat) async throws {
        let packed = try await format.compress(sample(5000))
        #expect(
            try decompress(packed, format, limits: .init(outputBytesMax: 5000)).count == 5000)
        #expect(throws: CompressionError.tooLarge(bytesMax: 4999)) {
            try decompress(packed, format, limits: .init(outputBytesMax: 4999))
        }
    }

    /// 70 MiB of zeros are about a hundred bytes in bzip2, 10 kB in xz.
    @Test(arguments: [CompressionFormat.bz2, .xz, .zstd])
    func bombsAreRefused(format: CompressionFormat) async throws {
        let packed = try await format.compress(Self.zeros)
        #expect(throws: CompressionError.ratioExceeded(ratioMax: 1000)) {
            try decompress(packed, format)
        }
        let generous = Decompressor.Limits(outputBytesMax: 1 << 30, ratioMax: 1_000_000)
        #expect(try decompress(packed, format, limits: generous).count == Self.zeros.count)
    }

    @Test func aLargeXZDictionaryIsRefused() async throws {
        let packed = try await CompressionFormat.xz.compress(
            sample(1000), ["--lzma2=preset=0,dict=512MiB"])
        #expect(
            throws: CompressionError.tooMuchMemory(
                .xz, bytesMax: Decompressor.memoryBytesMax)
        ) { try decompress(packed, .xz) }
    }

    @Test func aLargeZstdWindowIsRefused() throws {
        // Frame header: no single segment, window descriptor 18 << 3, which is 2^28 bytes.
        let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 1, 0, 0]
        #expect(throws: CompressionError.tooMuchMemory(.zstd, bytesMax: 1 << 27)) {
            try decompress(frame, .zstd)
        }
    }
}

@Suite struct CompressionFormatTests {
    @Test(arguments: [
        ([0x1f, 0x8b, 0x08, 0, 0, 0], CompressionFormat.gz),
        (Array("BZh9".utf8) + [0x31, 0x41, 0x59], .bz2), (Array("BZh1".utf8) + [0x17, 0x72], .bz2),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], .xz), ([0x28, 0xb5, 0x2f, 0xfd], .zstd),
        ([0x50, 0x2a, 0x4d, 0x18], .zstd),
    ])
    func knowsTheMagicNumbers(prefix: [UInt8], format: CompressionFormat) {
        #expect(CompressionFormat(prefix: prefix) == format)
    }

    @Test(arguments: [
        [], [0x1f], [0x1f, 0x8b], [0x1f, 0x8b, 0x07], Array("BZh".utf8), Array("BZh9ab".utf8),
        Array("BZh0".utf8) + [0x31, 0x41], Array("QFI".utf8) + [0xfb, 0, 0], [0, 0, 0, 0, 0, 0],
        Array("\u{7f}ELF12".utf8), [0x28, 0xb5, 0x2f], [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    ])
    func takesNothingElseForCompressed(prefix: [UInt8]) {
        #expect(CompressionFormat(prefix: prefix) == nil)
    }
}
