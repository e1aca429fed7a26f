// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// A private file for bytes that come one piece after the other, such as a decompressor's, and
/// that another program then reads by the file's name. Blocks of zeros take no room on the disk.
/// The file is removed with the last reference.
///
/// Safe to use from any thread; pieces given by several at once come in an order nobody knows.
public final class SpoolFile<Failure: FileFailure>: Sendable {
    /// Where the file is.
    public let path: String
    private let descriptor: Int32
    private let state = Mutex(State())

    private struct State {
        var size = 0
        var failure: Failure?
    }

    /// Zeros are left out in blocks of this size, in bytes: a multiple of file systems' own.
    private static var blockBytes: Int { 1 << 16 }

    /// Makes the file, which only this user can read. One that is there already is refused: it may
    /// be another's.
    public init(path: String) throws(Failure) {
        descriptor = try LocalFile<Failure>.open(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        self.path = path
    }

    deinit {
        _ = unsafe unlink(path)
        close(descriptor)
    }

    /// Bytes taken so far.
    public var size: Int { state.withLock { $0.size } }

    /// Takes the next bytes. After a failure, which ``check()`` and ``finish()`` tell, it takes no
    /// more.
    public func take(_ piece: UnsafeRawBufferPointer) {
        state.withLock { state in
            var rest = unsafe piece[...]
            while unsafe !rest.isEmpty, state.failure == nil {
                let block = unsafe UnsafeRawBufferPointer(
                    rebasing: rest.prefix(Self.blockBytes))
                if unsafe !Self.isZero(block) { unsafe write(block, &state) }
                state.size += block.count
                unsafe rest = unsafe rest.dropFirst(block.count)
            }
        }
    }

    /// - Throws: what taking bytes failed with.
    public func check() throws(Failure) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Gives the file its full length, which zeros at its end have not given it.
    ///
    /// - Throws: as ``check()``.
    public func finish() throws(Failure) {
        try check()
        guard ftruncate(descriptor, off_t(size)) == 0 else {
            throw LocalFile<Failure>.failure("writing", path)
        }
    }

    private func write(_ block: UnsafeRawBufferPointer, _ state: inout State) {
        var written = 0
        while written < block.count {
            let count = unsafe pwrite(
                descriptor, block.baseAddress.map { unsafe $0 + written }, block.count - written,
                off_t(state.size + written))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                state.failure = LocalFile<Failure>.failure("writing", path)
                return
            }
            written += count
        }
    }

    /// Whether each byte equals the one before it, and the first is zero.
    private static func isZero(_ block: UnsafeRawBufferPointer) -> Bool {
        guard let start = block.baseAddress, unsafe start.load(as: UInt8.self) == 0 else {
            return unsafe block.isEmpty
        }
        return unsafe memcmp(start, start + 1, block.count - 1) == 0
    }
}
