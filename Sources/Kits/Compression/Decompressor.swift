// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Decompresses a stream that is given to it piece by piece, as a download is.
///
/// Exact: check sums are verified, a truncated stream and bytes behind its end are refused. As the
/// formats' own tools do, it joins members (concatenated files), and accepts xz's stream padding
/// and zero bytes behind gzip data.
///
/// Works on the caller's thread, so the caller's pace is the decompressor's: nothing is buffered
/// but ``chunkBytes`` and the codec's own window. May be used from any thread; calls take turns.
public final class Decompressor: @unchecked Sendable {
    // Sound: everything below `lock` is touched only by the holder of `lock`.

    /// Most bytes given to the output at once.
    public static let chunkBytes = 1 << 18
    /// Most memory a codec may use for its window: enough for `xz -9` and zstd's usual 27 bits.
    public static let memoryBytesMax = 1 << 28
    /// Output up to this size is not measured against ``Limits/ratioMax``.
    public static let ratioFreeBytes = 64 << 20

    /// What the output is bounded by.
    public struct Limits: Sendable, Hashable {
        /// Largest output in bytes.
        public var outputBytesMax: Int
        /// Largest output as a multiple of the input, beyond ``Decompressor/ratioFreeBytes``.
        /// Sparse disk images reach hundreds; gzip cannot exceed 1032.
        public var ratioMax: Int

        public init(outputBytesMax: Int, ratioMax: Int = 1000) {
            self.outputBytesMax = outputBytesMax
            self.ratioMax = ratioMax
        }
    }

    public let format: CompressionFormat
    private let limits: Limits
    private let output: @Sendable (UnsafeRawBufferPointer) -> Void
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let codec: any Codec
    private let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Decompressor.chunkBytes, alignment: 64)
    private var inputBytes = 0
    private var outputBytes = 0
    private var failure: CompressionError?

    /// - Parameter output: gets each piece of uncompressed data, in order, on the thread that
    ///   calls ``update(_:)`` or ``finish()``; the buffer is valid during the call only.
    /// - Throws: ``CompressionError/outOfMemory``.
    public init(
        _ format: CompressionFormat, limits: Limits,
        output: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) throws(CompressionError) {
        self.format = format
        self.limits = limits
        self.output = output
        codec =
            switch format {
            case .gz: try GzipCodec()
            case .bz2: try Bzip2Codec()
            case .xz: try XZCodec()
            case .zstd: try ZstdCodec()
            }
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
        room.deallocate()
    }

    /// Takes the next bytes of the compressed stream and gives out what they hold.
    ///
    /// - Throws: any ``CompressionError``, the same again once it has thrown.
    public func update(_ bytes: UnsafeRawBufferPointer) throws(CompressionError) {
        try once { () throws(CompressionError) in
            var rest = bytes
            inputBytes += bytes.count
            while !rest.isEmpty {
                try give(try codec.decompress(&rest, into: room))
            }
        }
    }

    /// Says that the stream has ended.
    ///
    /// - Returns: bytes of uncompressed data.
    /// - Throws: any ``CompressionError``, such as ``CompressionError/truncated(_:)``.
    @discardableResult
    public func finish() throws(CompressionError) -> Int {
        try once { () throws(CompressionError) in
            while case let count = try codec.finish(into: room), count > 0 { try give(count) }
        }
        return outputBytes
    }

    private func give(_ count: Int) throws(CompressionError) {
        guard count > 0 else { return }
        guard count <= limits.outputBytesMax - outputBytes else {
            throw .tooLarge(bytesMax: limits.outputBytesMax)
        }
        outputBytes += count
        guard
            outputBytes <= Self.ratioFreeBytes
                || outputBytes / max(inputBytes, 1) < limits.ratioMax
        else { throw .ratioExceeded(ratioMax: limits.ratioMax) }
        output(UnsafeRawBufferPointer(rebasing: room[..<count]))
    }

    private func once(
        _ body: () throws(CompressionError) -> Void
    ) throws(CompressionError) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if let failure { throw failure }
        do throws(CompressionError) {
            try body()
        } catch {
            failure = error
            throw error
        }
    }
}
