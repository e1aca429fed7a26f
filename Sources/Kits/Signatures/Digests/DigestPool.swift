// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The four digests of a stream of bytes, computed in one pass on all cores that help while the
/// bytes arrive.
///
/// Bytes are copied into blocks of 256 KiB, which stay in the processor's cache, and each thread
/// takes the next block of the digest that is furthest behind: the cores are kept busy although
/// the digests differ in speed by a factor of three. At most ``blockCountMax`` blocks wait; then
/// the giver digests, too, until one is free. The threads start with the first full block and end
/// with the pool, also when it is dropped midway.
///
/// May be used from any thread; calls take turns. All but ``init()`` may block, so they do not
/// belong on Swift's cooperative threads while bytes are plenty.
public final class DigestPool: Sendable {
    /// Bytes per block.
    public static let blockBytes = 1 << 18
    /// Blocks that may wait: with ``blockBytes`` the bound on memory, 1.5 MiB.
    public static let blockCountMax = 6
    /// Beside the giver; more than one for each digest would never find work.
    static let threadCount = min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1, 1), 3)

    private let ring: DigestRing

    /// The digests of a stream from its first byte.
    public init() { ring = DigestRing(contexts: FourContexts()) }

    /// Goes on where the pool that gave the ``checkpoint()`` stood, in this or another process of
    /// the same byte order.
    ///
    /// - Throws: ``DigestError/invalidCheckpoint(reason:)``.
    public init(resuming checkpoint: [UInt8]) throws(DigestError) {
        ring = DigestRing(contexts: try FourContexts(checkpoint: checkpoint))
    }

    deinit { ring.stop() }

    /// Takes the next bytes of the stream. Digests while the blocks are full.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        ring.give { ring in
            while !rest.isEmpty {
                let room = ring.room()
                let count = min(room.count, rest.count)
                room.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
                ring.took(count)
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Takes the next bytes of the stream.
    public func update(_ bytes: some Sequence<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable {
            update(UnsafeRawBufferPointer($0))
        }
        if done == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    /// Takes a file's bytes from its current position to its end, read without a further copy.
    /// The descriptor stays the caller's.
    ///
    /// - Throws: ``DigestError/unreadable(code:)``; the bytes read until then count.
    public func update(readingFrom descriptor: Int32) throws(DigestError) {
        try ring.give { ring throws(DigestError) in
            while true {
                let count = try FileReading.read(descriptor, into: ring.room())
                if count == 0 { return }
                ring.took(count)
            }
        }
    }

    /// The digests of all bytes given so far, once they are digested. More may follow.
    public func finish() -> FourDigests {
        ring.give { ring in ring.settled().digests }
    }

    /// The state after all bytes given so far, to be resumed from. Waits until they are digested.
    /// About 300 bytes, versioned, with a digest of its own against accidental change.
    public func checkpoint() -> [UInt8] {
        ring.give { ring in ring.settled().checkpoint }
    }
}
