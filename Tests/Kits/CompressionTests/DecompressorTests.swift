// SPDX-License-Identifier: Apache-2.0
import Compression
import Foundation
import TestSupport
import Testing

/// Against files that the formats' own tools made.
@Suite(.timeLimit(.minutes(3))) struct DecompressorTests {
    @Test(arguments: CompressionFormat.allCases, [0, 1, 65_536, 1_500_001])
    func undoesWhatTheToolDid(format: CompressionFormat, size: Int) async throws {
        let bytes = sample(size)
        let packed = try await format.compress(bytes)
        #expect(CompressionFormat(prefix: packed) == format)
        #expect(try decompress(packed, format) == bytes)
        #expect(try decompress(packed, format, piece: packed.count) == bytes)
        if size < 100_000 { #expect(try decompress(packed, format, piece: 1) == bytes) }
    }

    @Test(arguments: CompressionFormat.allCases)
    func joinsConcatenatedFiles(format: CompressionFormat) async throws {
        let (one, two) = (sample(100_000), sample(30_000))
        let packed = try await format.compress(one) + format.compress([]) + format.compress(two)
        for piece in [1, 777, packed.count] {
            #expect(try decompress(packed, format, piece: piece) == one + two)
        }
    }

    @Test(arguments: CompressionFormat.allCases)
    func refusesEveryTruncation(format: CompressionFormat) async throws {
        let packed = try await format.compress(sample(600))
        for count in 0..<packed.count {
            #expect(throws: CompressionError.truncated(format), "\(count) of \(packed.count)") {
                try decompress(Array(packed[..<count]), format)
            }
        }
        for count in packed.count + 1..<2 * packed.count {
            #expect(throws: CompressionError.truncated(format), "second file cut at \(count)") {
                try decompress(Array((packed + packed)[..<count]), format)
            }
        }
    }

    /// A flipped bit is refused, or lies where it means nothing (gzip's time stamp,
    /// bzip2's unused bits).
    @Test(arguments: CompressionFormat.allCases)
    func neverGivesOtherBytesForDamagedData(format: CompressionFormat) async throws {
        let bytes = sample(600)
        let packed = try await format.compress(bytes)
        var accepted = 0
        for index in packed.indices {
            for bit in 0..<8 {
                var damaged = packed
                damaged[index] ^= 1 << UInt8(bit)
                guard let found = try? decompress(damaged, format) else { continue }
                #expect(found == bytes, "byte \(index), bit \(bit)")
                accepted += 1
            }
        }
        #expect(accepted < packed.count * 8 / 20)
    }

    @Test(arguments: CompressionFormat.allCases, ["x", "garbage garbage", "BZ", "\u{1f}\u{0b}"])
    func refusesWhatFollows(format: CompressionFormat, garbage: String) async throws {
        let packed = try await format.compress(sample(5000))
        for piece in [1, 100_000] {
            #expect(throws: CompressionError.self) {
                try decompress(packed + Array(garbage.utf8), format, piece: piece)
            }
        }
    }

    @Test func saysThatDataFollows() async throws {
        for format in [CompressionFormat.gz, .bz2, .zstd] {
            let packed = try await format.compress(sample(5000)) + Array("garbage".utf8)
            #expect(throws: CompressionError.trailingData(format)) {
                try decompress(packed, format)
            }
        }
    }

    @Test func acceptsThePaddingTheToolsAccept() async throws {
        let bytes = sample(5000)
        let zeros = [UInt8](repeating: 0, count: 512)
        let gz = try await CompressionFormat.gz.compress(bytes)
        #expect(try decompress(gz + zeros, .gz, piece: 100) == bytes)
        #expect(throws: CompressionError.trailingData(.gz)) {
            try decompress(gz + zeros + [1], .gz)
        }
        let xz = try await CompressionFormat.xz.compress(bytes)
        #expect(try decompress(xz + zeros, .xz, piece: 100) == bytes)
        #expect(throws: CompressionError.self) { try decompress(xz + zeros + [0], .xz) }
        for format in [CompressionFormat.bz2, .zstd] {
            let packed = try await format.compress(bytes)
            #expect(throws: CompressionError.self) { try decompress(packed + zeros, format) }
        }
    }

    @Test func skipsZstdsSkippableFrames() async throws {
        let bytes = sample(5000)
        let frame: [UInt8] = [0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let packed = try await frame + CompressionFormat.zstd.compress(bytes) + frame
        #expect(CompressionFormat(prefix: packed) == .zstd)
        #expect(try decompress(packed, .zstd) == bytes)
    }

    @Test func readsWhatOtherSettingsMake() async throws {
        let bytes = sample(300_000)
        for (format, arguments) in [
            (CompressionFormat.gz, ["-1"]), (.gz, ["-9", "-n"]), (.bz2, ["-1"]), (.xz, ["-0"]),
            (.xz, ["-9e"]), (.xz, ["--check=none"]), (.xz, ["--check=sha256"]),
            (.xz, ["--x86", "--lzma2"]), (.zstd, ["-19"]), (.zstd, ["--no-check"]),
            (.zstd, ["--long=27"]),
        ] {
            let packed = try await format.compress(bytes, arguments)
            #expect(try decompress(packed, format) == bytes, "\(format) \(arguments)")
        }
    }

    @Test func oneFailureIsForGood() throws {
        let decompressor = try Decompressor(.gz, limits: .init(outputBytesMax: 100)) { _ in }
        let garbage = [UInt8](repeating: 9, count: 100)
        for _ in 0..<2 {
            #expect(throws: CompressionError.corrupt(.gz, reason: "incorrect header check")) {
                try garbage.withUnsafeBytes { try decompressor.update($0) }
            }
        }
        #expect(throws: CompressionError.self) { try decompressor.finish() }
    }
}
