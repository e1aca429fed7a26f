// SPDX-License-Identifier: Apache-2.0
import Compression
import Foundation
import Synchronization
import TestSupport
import Testing

extension CompressionFormat {
    /// The program that users compress with, and what it appends to a file's name.
    var tool: (name: String, suffix: String) {
        switch self {
        case .gz: ("gzip", "gz")
        case .bz2: ("bzip2", "bz2")
        case .xz: ("xz", "xz")
        case .zstd: ("zstd", "zst")
        }
    }

    /// What the format's own tool makes of `bytes`.
    func compress(_ bytes: [UInt8], _ arguments: [String] = []) async throws -> [UInt8] {
        let folder = try TemporaryDirectory(inMemory: true)
        let file = try folder.write(bytes, to: "data")
        let (status, output) = try await run(tool.name, ["-k", "-q"] + arguments + [file])
        try #require(status == 0, "\(tool.name): \(output)")
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(file).\(tool.suffix)")))
    }
}

/// Decompresses in pieces of the given size.
func decompress(
    _ bytes: [UInt8], _ format: CompressionFormat, piece: Int = 10_000,
    limits: Decompressor.Limits = .init(outputBytesMax: 1 << 30)
) throws(CompressionError) -> [UInt8] {
    let collected = Collected()
    let decompressor = try Decompressor(format, limits: limits) { collected.append($0) }
    var failure: CompressionError?
    bytes.withUnsafeBytes { buffer in
        var rest = buffer[...]
        while !rest.isEmpty, failure == nil {
            do throws(CompressionError) {
                try decompressor.update(UnsafeRawBufferPointer(rebasing: rest.prefix(piece)))
            } catch {
                failure = error
            }
            rest = rest.dropFirst(piece)
        }
    }
    if let failure { throw failure }
    let count = try decompressor.finish()
    #expect(count == collected.bytes.count)
    return collected.bytes
}

private final class Collected: Sendable {
    private let storage = Mutex<[UInt8]>([])
    var bytes: [UInt8] { storage.withLock { $0 } }
    func append(_ piece: UnsafeRawBufferPointer) {
        #expect(piece.count <= Decompressor.chunkBytes)
        storage.withLock { $0 += piece }
    }
}

/// Half noise, half repetition.
func sample(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { index in
        index / 4096 % 2 == 0 ? UInt8(truncatingIfNeeded: generator.next()) : 42
    }
}
