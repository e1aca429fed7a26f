// SPDX-License-Identifier: Apache-2.0
internal import CCodecs

/// bzip2 over libbz2, which checks the CRC of each block and stream.
final class Bzip2Codec: Codec {
    // libbz2 keeps a pointer back to the structure, so its address must not change.
    private let stream: UnsafeMutablePointer<bz_stream>
    private var isInStream = true
    private var isFirst = true

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
        guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else {
            stream.deallocate()
            throw .outOfMemory
        }
    }

    deinit {
        // Harmless on a stream that is closed already: libbz2 answers BZ_PARAM_ERROR.
        BZ2_bzDecompressEnd(stream)
        stream.deallocate()
    }

    func decompress(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        if !isInStream { try restart(with: input[0]) }
        return try step(&input, into: room)
    }

    func finish(into room: UnsafeMutableRawBufferPointer) throws(CompressionError) -> Int {
        guard isInStream else { return 0 }
        var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let count = try step(&nothing, into: room)
        guard count > 0 || !isInStream else { throw .truncated(.bz2) }
        return count
    }

    private func restart(with byte: UInt8) throws(CompressionError) {
        guard byte == UInt8(ascii: "B") else { throw .trailingData(.bz2) }
        BZ2_bzDecompressEnd(stream)
        stream.pointee = bz_stream()
        guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw .outOfMemory }
        (isInStream, isFirst) = (true, false)
    }

    private func step(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        let piece = input.piece
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: piece.assumingMemoryBound(to: CChar.self).baseAddress)
        stream.pointee.avail_in = UInt32(piece.count)
        stream.pointee.next_out = room.assumingMemoryBound(to: CChar.self).baseAddress
        stream.pointee.avail_out = UInt32(room.count)
        let code = BZ2_bzDecompress(stream)
        input = input.dropping(piece.count - Int(stream.pointee.avail_in))
        switch code {
        case BZ_OK: break
        case BZ_STREAM_END: isInStream = false
        case BZ_MEM_ERROR: throw .outOfMemory
        case BZ_DATA_ERROR_MAGIC:
            throw isFirst ? .corrupt(.bz2, reason: "not bzip2 data") : .trailingData(.bz2)
        default: throw .corrupt(.bz2, reason: "a block or its check sum is wrong")
        }
        return room.count - Int(stream.pointee.avail_out)
    }
}
