// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A running digest that is a plain C structure, so that it can be copied, saved and restored.
/// OpenSSL's EVP contexts are opaque and cannot; these use the same code underneath.
///
/// Each structure begins with its chaining words and buffers the bytes of an unfinished block
/// (openssl/md5.h, openssl/sha.h). What it buffers and counts follows from the length alone, so a
/// saved state is chaining words, length and those buffered bytes, and no restored count can
/// point outside the structure.
protocol DigestContext {
    /// Bytes of the chaining words at the structure's beginning.
    static var chainBytes: Int { get }
    /// Bytes per block, 64 or 128.
    static var blockBytes: Int { get }
    /// Where the buffered bytes lie in the structure.
    static var bufferOffset: Int { get }

    /// The state before the first byte.
    static func fresh() -> Self
    mutating func absorb(_ bytes: UnsafeRawBufferPointer)
    /// The raw digest of the bytes so far. The state stays as it is and can absorb more.
    func digest() -> [UInt8]
    /// Sets the counters as they are after `length` bytes.
    mutating func setCounters(length: UInt64)
}

extension DigestContext {
    /// The chaining words in the host's byte order.
    var chain: [UInt8] {
        withUnsafeBytes(of: self) { Array($0[..<Self.chainBytes]) }
    }

    /// The bytes that wait for their block to be complete.
    func buffered(length: UInt64) -> [UInt8] {
        let count = Int(length % UInt64(Self.blockBytes))
        return withUnsafeBytes(of: self) { Array($0[Self.bufferOffset...].prefix(count)) }
    }

    /// - Parameters:
    ///   - chain: exactly ``chainBytes``.
    ///   - tail: at least the last `length % blockBytes` bytes.
    static func restored(chain: ArraySlice<UInt8>, length: UInt64, tail: [UInt8]) -> Self {
        var context = fresh()
        context.setCounters(length: length)
        let waiting = tail.suffix(Int(length % UInt64(blockBytes)))
        withUnsafeMutableBytes(of: &context) { bytes in
            bytes[..<chainBytes].copyBytes(from: chain)
            bytes[bufferOffset..<bufferOffset + waiting.count].copyBytes(from: waiting)
        }
        return context
    }
}

extension MD5_CTX: DigestContext {
    static var chainBytes: Int { 16 }
    static var blockBytes: Int { 64 }
    static var bufferOffset: Int { MemoryLayout<Self>.offset(of: \.data) ?? 0 }

    static func fresh() -> MD5_CTX {
        var context = MD5_CTX()
        MD5_Init(&context)
        return context
    }

    mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
        MD5_Update(&self, bytes.baseAddress, bytes.count)
    }

    func digest() -> [UInt8] {
        var copy = self
        return [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            MD5_Final(buffer.baseAddress, &copy)
            count = 16
        }
    }

    mutating func setCounters(length: UInt64) {
        let bits = length << 3
        (Nl, Nh) = (UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
        num = UInt32(length % 64)
    }
}

extension SHA_CTX: DigestContext {
    static var chainBytes: Int { 20 }
    static var blockBytes: Int { 64 }
    static var bufferOffset: Int { MemoryLayout<Self>.offset(of: \.data) ?? 0 }

    static func fresh() -> SHA_CTX {
        var context = SHA_CTX()
        SHA1_Init(&context)
        return context
    }

    mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
        SHA1_Update(&self, bytes.baseAddress, bytes.count)
    }

    func digest() -> [UInt8] {
        var copy = self
        return [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
            SHA1_Final(buffer.baseAddress, &copy)
            count = 20
        }
    }

    mutating func setCounters(length: UInt64) {
        let bits = length << 3
        (Nl, Nh) = (UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
        num = UInt32(length % 64)
    }
}

extension SHA256_CTX: DigestContext {
    static var chainBytes: Int { 32 }
    static var blockBytes: Int { 64 }
    static var bufferOffset: Int { MemoryLayout<Self>.offset(of: \.data) ?? 0 }

    static func fresh() -> SHA256_CTX {
        var context = SHA256_CTX()
        SHA256_Init(&context)
        return context
    }

    mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
        SHA256_Update(&self, bytes.baseAddress, bytes.count)
    }

    func digest() -> [UInt8] {
        var copy = self
        return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            SHA256_Final(buffer.baseAddress, &copy)
            count = 32
        }
    }

    mutating func setCounters(length: UInt64) {
        let bits = length << 3
        (Nl, Nh) = (UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
        num = UInt32(length % 64)
    }
}

extension SHA512_CTX: DigestContext {
    static var chainBytes: Int { 64 }
    static var blockBytes: Int { 128 }
    static var bufferOffset: Int { MemoryLayout<Self>.offset(of: \.u) ?? 0 }

    static func fresh() -> SHA512_CTX {
        var context = SHA512_CTX()
        SHA512_Init(&context)
        return context
    }

    mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
        SHA512_Update(&self, bytes.baseAddress, bytes.count)
    }

    func digest() -> [UInt8] {
        var copy = self
        return [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
            SHA512_Final(buffer.baseAddress, &copy)
            count = 64
        }
    }

    mutating func setCounters(length: UInt64) {
        (Nl, Nh) = (length << 3, length >> 61)
        num = UInt32(length % 128)
    }
}
