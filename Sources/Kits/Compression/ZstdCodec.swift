// SPDX-License-Identifier: Apache-2.0
internal import CCodecs

/// RFC 8878 over libzstd, which verifies each frame's check sum where it has one, joins frames and
/// skips skippable ones.
final class ZstdCodec: Codec {
    /// Window of 128 MiB, what zstd(1) accepts without `--long` or `--memory`.
    private static let windowLogMax: Int32 = 27

    private let stream: OpaquePointer
    /// At a frame's end, with all output given out.
    private var isAtEnd = false
    private var hasBegun = false
    private var isFirst = true

    init() throws(CompressionError) {
        guard let stream = ZSTD_createDStream() else { throw .outOfMemory }
        self.stream = stream
        ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Self.windowLogMax)
    }

    deinit { ZSTD_freeDStream(stream) }

    func decompress(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        if isAtEnd { isFirst = false }
        hasBegun = true
        return try step(&input, into: room)
    }

    func finish(into room: UnsafeMutableRawBufferPointer) throws(CompressionError) -> Int {
        // Another call at a frame's end would begin a frame.
        if isAtEnd { return 0 }
        guard hasBegun else { throw .truncated(.zstd) }
        var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let count = try step(&nothing, into: room)
        guard count > 0 || isAtEnd else { throw .truncated(.zstd) }
        return count
    }

    private func step(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        let code = ZSTD_decompressStream(stream, &target, &source)
        input = input.dropping(source.pos)
        guard ZSTD_isError(code) == 0 else { throw refusal(code) }
        isAtEnd = code == 0
        return target.pos
    }

    private func refusal(_ code: Int) -> CompressionError {
        switch ZSTD_getErrorCode(code) {
        case ZSTD_error_memory_allocation: .outOfMemory
        case ZSTD_error_frameParameter_windowTooLarge:
            .tooMuchMemory(.zstd, bytesMax: 1 << Self.windowLogMax)
        case ZSTD_error_prefix_unknown where !isFirst: .trailingData(.zstd)
        default: .corrupt(.zstd, reason: String(cString: ZSTD_getErrorName(code)))
        }
    }
}
