// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Signatures

@Suite(.timeLimit(.minutes(2))) struct DigestCheckpointTests {
    /// Every place within the digests' blocks, and some around the pool's.
    static let offsets =
        Array(0...260) + [
            DigestPool.blockBytes - 1, DigestPool.blockBytes, DigestPool.blockBytes + 1,
            9 * DigestPool.blockBytes + 131,
        ]

    @Test func goesOnFromAnyOffset() throws {
        let bytes = DigestPoolTests.random(10 * DigestPool.blockBytes)
        for offset in Self.offsets {
            let length = offset < 1000 ? 1000 : bytes.count
            let first = DigestPool()
            first.update(bytes[..<offset])
            let second = try DigestPool(resuming: first.checkpoint())
            second.update(bytes[offset..<length])
            #expect(
                second.finish() == DigestPoolTests.oneShot(Array(bytes[..<length])),
                "offset \(offset)")
        }
    }

    @Test func theCheckpointedPoolGoesOnToo() throws {
        let bytes = DigestPoolTests.random(100_001)
        let pool = DigestPool()
        var saved: [UInt8] = []
        for piece in stride(from: 0, to: bytes.count, by: 3333) {
            pool.update(bytes[piece..<min(piece + 3333, bytes.count)])
            saved = pool.checkpoint()
        }
        #expect(pool.finish() == DigestPoolTests.oneShot(bytes))
        #expect(try DigestPool(resuming: saved).finish() == DigestPoolTests.oneShot(bytes))
    }

    @Test func anotherProcessGoesOn() async throws {
        let folder = try TemporaryDirectory()
        let pool = DigestPool()
        pool.update([UInt8](repeating: 3, count: 5_000_003))
        let path = try folder.write(pool.checkpoint(), to: "checkpoint")
        await #expect(processExitsWith: .success) { [path = path as String] in
            let saved = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            let pool = try DigestPool(resuming: saved)
            pool.update([UInt8](repeating: 4, count: 2_000_000))
            let all =
                [UInt8](repeating: 3, count: 5_000_003) + [UInt8](repeating: 4, count: 2_000_000)
            exit(pool.finish() == DigestPoolTests.oneShot(all) ? 0 : 1)
        }
    }

    @Test func everyChangeIsNoticed() {
        let pool = DigestPool()
        pool.update(DigestPoolTests.random(1003))
        let good = pool.checkpoint()
        #expect(good.count < 400)
        for index in good.indices {
            var bad = good
            bad[index] ^= 1 << UInt8(index % 8)
            #expect(throws: DigestError.self, "byte \(index)") {
                try DigestPool(resuming: bad)
            }
        }
        for count in 0..<good.count {
            #expect(throws: DigestError.self) { try DigestPool(resuming: Array(good[..<count])) }
        }
        #expect(throws: DigestError.self) { try DigestPool(resuming: good + [0]) }
    }

    /// Somebody who can write checkpoints can seal them, but not make them point out of bounds.
    @Test(arguments: [UInt64.max, 1 << 61, 5, (1 << 60) + 1] as [UInt64])
    func aSealedCheckpointOfImpossibleLengthIsRefused(length: UInt64) {
        var forged = Array(DigestPool().checkpoint().dropLast(32))
        withUnsafeBytes(of: length) { forged.replaceSubrange(12..<20, with: $0) }
        #expect(throws: DigestError.invalidCheckpoint(reason: "its length is impossible")) {
            try DigestPool(resuming: forged + Digest.sha256(forged))
        }
    }
}
