// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The running states of the four digests, and how they are saved.
///
/// A checkpoint is, without gaps: the eight bytes `imprdig1`; a mark of the byte order; the
/// length; the chaining words of MD5, SHA-1, SHA-256 and SHA-512; the last `length % 128` bytes of
/// the stream, which wait for their block; the SHA-256 of all that. Numbers and chaining words
/// are in the host's byte order.
struct FourContexts {
    private static let magic = Array("imprdig1".utf8)
    private static let byteOrder: UInt32 = 0x0102_0304
    private static let headerBytes = 20
    private static let chainBytes = 16 + 20 + 32 + 64
    private static let sealBytes = 32
    /// Far above any stream; keeps the counters of bits from overflowing.
    private static let lengthMax = 1 << 60

    fileprivate var md5 = MD5_CTX.fresh()
    fileprivate var sha512 = SHA512_CTX.fresh()
    fileprivate var sha256 = SHA256_CTX.fresh()
    fileprivate var sha1 = SHA_CTX.fresh()
    /// Bytes given so far.
    var length = 0

    init() {}

    var digests: FourDigests {
        FourDigests(
            md5: Digest.hex(md5.digest()), sha1: Digest.hex(sha1.digest()),
            sha256: Digest.hex(sha256.digest()), sha512: Digest.hex(sha512.digest()),
            size: length)
    }

    var checkpoint: [UInt8] {
        var bytes = Self.magic
        withUnsafeBytes(of: Self.byteOrder) { bytes += $0 }
        withUnsafeBytes(of: UInt64(length)) { bytes += $0 }
        bytes += md5.chain + sha1.chain + sha256.chain + sha512.chain
        bytes += sha512.buffered(length: UInt64(length))
        return bytes + Digest.sha256(bytes)
    }

    init(checkpoint: [UInt8]) throws(DigestError) {
        let fixed = Self.headerBytes + Self.chainBytes + Self.sealBytes
        guard checkpoint.count >= fixed, checkpoint.starts(with: Self.magic) else {
            throw .invalidCheckpoint(reason: "not a checkpoint of this version")
        }
        let body = checkpoint.dropLast(Self.sealBytes)
        guard Digest.sha256(body).elementsEqual(checkpoint.suffix(Self.sealBytes)) else {
            throw .invalidCheckpoint(reason: "it was changed")
        }
        let (order, length) = body.withUnsafeBytes {
            (
                $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self),
                $0.loadUnaligned(fromByteOffset: 12, as: UInt64.self)
            )
        }
        guard order == Self.byteOrder else {
            throw .invalidCheckpoint(reason: "it is from a machine of another byte order")
        }
        guard length <= UInt64(Self.lengthMax),
            checkpoint.count == fixed + Int(length % 128)
        else { throw .invalidCheckpoint(reason: "its length is impossible") }

        self.length = Int(length)
        let tail = Array(body.suffix(Int(length % 128)))
        var chains = body.dropFirst(Self.headerBytes)
        func next<Context: DigestContext>(_: Context.Type) -> Context {
            defer { chains = chains.dropFirst(Context.chainBytes) }
            return .restored(
                chain: chains.prefix(Context.chainBytes), length: length, tail: tail)
        }
        md5 = next(MD5_CTX.self)
        sha1 = next(SHA_CTX.self)
        sha256 = next(SHA256_CTX.self)
        sha512 = next(SHA512_CTX.self)
    }
}

/// The four states at places of their own, so that threads may work on different ones at once.
struct ContextStorage {
    static let count = 4
    // The slow ones first: of two digests equally far behind, a thread takes the first.
    private let md5 = UnsafeMutablePointer<MD5_CTX>.allocate(capacity: 1)
    private let sha512 = UnsafeMutablePointer<SHA512_CTX>.allocate(capacity: 1)
    private let sha256 = UnsafeMutablePointer<SHA256_CTX>.allocate(capacity: 1)
    private let sha1 = UnsafeMutablePointer<SHA_CTX>.allocate(capacity: 1)

    /// The owner calls ``deallocate()``.
    init(_ contexts: FourContexts) {
        md5.initialize(to: contexts.md5)
        sha512.initialize(to: contexts.sha512)
        sha256.initialize(to: contexts.sha256)
        sha1.initialize(to: contexts.sha1)
    }

    func deallocate() {
        md5.deallocate()
        sha512.deallocate()
        sha256.deallocate()
        sha1.deallocate()
    }

    /// Adds a block to one digest, 0 to 3.
    func absorb(_ bytes: UnsafeRawBufferPointer, digest: Int) {
        switch digest {
        case 0: md5.pointee.absorb(bytes)
        case 1: sha512.pointee.absorb(bytes)
        case 2: sha256.pointee.absorb(bytes)
        default: sha1.pointee.absorb(bytes)
        }
    }

    /// A copy of the states, made while no thread works on any.
    func contexts(length: Int) -> FourContexts {
        var copy = FourContexts()
        copy.md5 = md5.pointee
        copy.sha512 = sha512.pointee
        copy.sha256 = sha256.pointee
        copy.sha1 = sha1.pointee
        copy.length = length
        return copy
    }
}
