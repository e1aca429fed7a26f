// SPDX-License-Identifier: Apache-2.0
internal import CCodecs

/// RFC 1952 over zlib, which checks each member's CRC and length.
final class GzipCodec: Codec {
    /// Largest window, and 16 for "gzip header and trailer, nothing else" (zlib.h, inflateInit2).
    private static let windowBits: Int32 = 15 + 16

    private enum Place { case beforeMember, inMember, inPadding }

    // zlib keeps a pointer back to the structure, so its address must not change.
    private let stream: UnsafeMutablePointer<z_stream>
    private var place = Place.inMember
    private var isFirst = true

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code = inflateInit2_(
            stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            stream.deallocate()
            throw .outOfMemory
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func decompress(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        if place == .beforeMember { try begin(with: input[0]) }
        if place == .inPadding {
            guard input.allSatisfy({ $0 == 0 }) else { throw .trailingData(.gz) }
            input = input.dropping(input.count)
            return 0
        }
        return try inflate(&input, into: room)
    }

    /// All output is given while there is input, save what did not fit into the room.
    func finish(into room: UnsafeMutableRawBufferPointer) throws(CompressionError) -> Int {
        guard place == .inMember else { return 0 }
        var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let count = try inflate(&nothing, into: room)
        guard count > 0 || place == .beforeMember else { throw .truncated(.gz) }
        return count
    }

    /// Another member follows, or zeros that gzip(1) ignores too, as tapes have them.
    private func begin(with byte: UInt8) throws(CompressionError) {
        switch byte {
        case 0x1f:
            inflateReset(stream)
            (place, isFirst) = (.inMember, false)
        case 0: place = .inPadding
        default: throw .trailingData(.gz)
        }
    }

    private func inflate(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        let piece = input.piece
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: piece.assumingMemoryBound(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(piece.count)
        stream.pointee.next_out = room.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(room.count)
        let code = CCodecs.inflate(stream, Z_NO_FLUSH)
        input = input.dropping(piece.count - Int(stream.pointee.avail_in))
        switch code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: place = .beforeMember
        case Z_MEM_ERROR: throw .outOfMemory
        case Z_NEED_DICT: throw .corrupt(.gz, reason: "it needs a preset dictionary")
        default: throw refusal
        }
        return room.count - Int(stream.pointee.avail_out)
    }

    private var refusal: CompressionError {
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "invalid data"
        // What follows a member and is no header is not damage of the member before.
        if !isFirst, reason == "incorrect header check" { return .trailingData(.gz) }
        return .corrupt(.gz, reason: reason)
    }
}
