// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Signatures

@Suite(.timeLimit(.minutes(2))) struct DigestPoolTests {
    static let block = DigestPool.blockBytes
    /// Around the edges of the digests' blocks, of the pool's, and of its whole ring.
    static let sizes = [
        0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 4095, block - 1, block, block + 1,
        8 * block, 8 * block + 1, 11 * block + 12_345,
    ]

    @Test(arguments: sizes)
    func agreesWithTheSystemsTools(size: Int) async throws {
        let folder = try TemporaryDirectory(inMemory: true)
        let bytes = Self.random(size)
        let file = try folder.write(bytes, to: "data")
        let pool = DigestPool()
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...300_000)
            pool.update(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        let found = pool.finish()
        #expect(found.size == size)
        for (tool, digest) in [
            ("md5sum", found.md5), ("sha1sum", found.sha1), ("sha256sum", found.sha256),
            ("sha512sum", found.sha512),
        ] {
            let (status, output) = try await run(tool, [file])
            #expect(status == 0)
            #expect(output.hasPrefix(digest + " "), "\(tool) of \(size) bytes")
        }
    }

    @Test(arguments: [0, 5, block, 19 * block + 77])
    func readsFromADescriptor(size: Int) throws {
        let folder = try TemporaryDirectory(inMemory: true)
        let bytes = Self.random(size)
        let file = try FileHandle(
            forReadingFrom: URL(fileURLWithPath: folder.write(bytes, to: "data")))
        let pool = DigestPool()
        try pool.update(readingFrom: file.fileDescriptor)
        #expect(pool.finish() == Self.oneShot(bytes))
    }

    @Test func finishingIsNoEnd() {
        let bytes = Self.random(3 * Self.block)
        let pool = DigestPool()
        #expect(pool.finish() == Self.oneShot([]))
        pool.update(bytes[..<1000])
        #expect(pool.finish() == Self.oneShot(Array(bytes[..<1000])))
        #expect(pool.finish() == Self.oneShot(Array(bytes[..<1000])))
        pool.update(bytes[1000...])
        #expect(pool.finish() == Self.oneShot(bytes))
    }

    @Test func severalGiversTakeTurns() {
        let pool = DigestPool()
        let piece = [UInt8](repeating: 7, count: 100_000)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<50 { pool.update(piece) }
        }
        let all = [UInt8](repeating: 7, count: 8 * 50 * piece.count)
        #expect(pool.finish() == Self.oneShot(all))
    }

    /// The giver is faster than the digests by far, so it has to be held back.
    @Test func memoryStaysBounded() async {
        await #expect(processExitsWith: .success) {
            let piece = [UInt8](repeating: 1, count: 1 << 16)
            let before = Self.status("VmHWM:")
            let pool = DigestPool()
            for _ in 0..<6000 { pool.update(piece) }
            let grown = Self.status("VmHWM:") - before
            guard pool.finish().size == 6000 << 16 else { exit(2) }
            exit(grown < 12_000 ? 0 : 1)
        }
    }

    @Test func poolsDroppedMidwayLeaveNothingBehind() async {
        await #expect(processExitsWith: .success) {
            let piece = [UInt8](repeating: 1, count: 3 * DigestPool.blockBytes)
            func drop() {
                let pool = DigestPool()
                pool.update(piece)
            }
            drop()
            let (threads, memory) = (Self.status("Threads:"), Self.status("RssAnon:"))
            for _ in 0..<300 { drop() }
            let moreMemory = Self.status("RssAnon:") - memory
            // A thread that has been joined may be counted for a moment longer.
            let end = ContinuousClock.now + .seconds(10)
            while Self.status("Threads:") > threads, ContinuousClock.now < end { usleep(1000) }
            guard Self.status("Threads:") <= threads else { exit(1) }
            exit(moreMemory < 12_000 ? 0 : 2)
        }
    }

    static func random(_ count: Int) -> [UInt8] {
        [UInt8](FileHandle(forReadingAtPath: "/dev/urandom")?.readData(ofLength: count) ?? Data())
    }

    static func oneShot(_ bytes: [UInt8]) -> FourDigests {
        FourDigests(
            md5: Digest.hex(Digest.md5(bytes)), sha1: Digest.hex(Digest.sha1(bytes)),
            sha256: Digest.hex(Digest.sha256(bytes)), sha512: Digest.hex(Digest.sha512(bytes)),
            size: bytes.count)
    }

    /// A number from `/proc/self/status`; KiB where it is a size.
    static func status(_ field: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(field) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
            ?? 0
    }
}
