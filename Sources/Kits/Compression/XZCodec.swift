// SPDX-License-Identifier: Apache-2.0
internal import CCodecs

/// The .xz format over liblzma, which verifies the check of each block, joins streams and knows
/// stream padding.
final class XZCodec: Codec {
    private let stream: UnsafeMutablePointer<lzma_stream>
    private var isComplete = false

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: lzma_stream())
        let code = lzma_stream_decoder(
            stream, UInt64(Decompressor.memoryBytesMax), ccodecs_lzma_concatenated)
        guard code == LZMA_OK else {
            stream.deallocate()
            throw .outOfMemory
        }
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    func decompress(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        try step(&input, into: room, LZMA_RUN)
    }

    /// Concatenated streams end only when the decoder is told that nothing follows.
    func finish(into room: UnsafeMutableRawBufferPointer) throws(CompressionError) -> Int {
        if isComplete { return 0 }
        var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let count = try step(&nothing, into: room, LZMA_FINISH)
        guard count > 0 || isComplete else { throw .truncated(.xz) }
        return count
    }

    private func step(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
        _ action: lzma_action
    ) throws(CompressionError) -> Int {
        stream.pointee.next_in = input.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = room.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_out = room.count
        let code = lzma_code(stream, action)
        input = input.dropping(input.count - stream.pointee.avail_in)
        switch code {
        case LZMA_OK: break
        case LZMA_STREAM_END: isComplete = true
        case LZMA_BUF_ERROR: throw .truncated(.xz)
        case LZMA_MEM_ERROR: throw .outOfMemory
        case LZMA_MEMLIMIT_ERROR:
            throw .tooMuchMemory(.xz, bytesMax: Decompressor.memoryBytesMax)
        // liblzma says "format" only at a stream's beginning, "data" for bytes behind one.
        case LZMA_FORMAT_ERROR: throw .corrupt(.xz, reason: "not xz data")
        case LZMA_OPTIONS_ERROR: throw .corrupt(.xz, reason: "it uses unknown options")
        default: throw .corrupt(.xz, reason: "a block or its check is wrong, or data follows")
        }
        return room.count - stream.pointee.avail_out
    }
}
