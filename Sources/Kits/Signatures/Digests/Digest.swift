// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import Glibc

/// Digests of bytes that are all at hand (RFC 1321, FIPS 180-4). For streams see ``DigestPool``.
public enum Digest {
    /// The 16 raw bytes of the MD5 digest.
    public static func md5(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        digest(bytes, as: MD5_CTX.self)
    }

    /// The 20 raw bytes of the SHA-1 digest.
    public static func sha1(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        digest(bytes, as: SHA_CTX.self)
    }

    /// The 32 raw bytes of the SHA-256 digest.
    public static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        digest(bytes, as: SHA256_CTX.self)
    }

    /// The 64 raw bytes of the SHA-512 digest.
    public static func sha512(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        digest(bytes, as: SHA512_CTX.self)
    }

    /// Lower-case hexadecimal, two digits per byte.
    public static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.underestimatedCount)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// SHA-256 of a file from its current position to its end, in lower-case hexadecimal, and how
    /// many bytes that were. Blocks; the descriptor stays the caller's.
    ///
    /// - Throws: ``DigestError/unreadable(code:)``.
    public static func sha256(
        readingFrom descriptor: Int32
    ) throws(DigestError) -> (hex: String, size: Int) {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { room.deallocate() }
        var context = SHA256_CTX.fresh()
        var size = 0
        while true {
            let count = try FileReading.read(descriptor, into: room)
            if count == 0 { break }
            context.absorb(UnsafeRawBufferPointer(rebasing: room[..<count]))
            size += count
        }
        return (hex(context.digest()), size)
    }

    private static func digest<Context: DigestContext>(
        _ bytes: some Sequence<UInt8>, as: Context.Type
    ) -> [UInt8] {
        var context = Context.fresh()
        let done: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            context.absorb(UnsafeRawBufferPointer(buffer))
        }
        if done == nil {
            Array(bytes).withUnsafeBytes { context.absorb($0) }
        }
        return context.digest()
    }
}

/// `read(2)` without its interruptions.
enum FileReading {
    /// Reads what there is, at most the room; 0 at the end of the file.
    static func read(
        _ descriptor: Int32, into room: UnsafeMutableRawBufferPointer
    ) throws(DigestError) -> Int {
        while true {
            let count = Glibc.read(descriptor, room.baseAddress, room.count)
            if count >= 0 { return count }
            if errno != EINTR { throw .unreadable(code: errno) }
        }
    }
}
