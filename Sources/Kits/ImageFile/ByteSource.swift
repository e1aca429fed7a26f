// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Bytes of known length that can be read at any place.
public protocol ByteSource: Sendable {
    /// Length in bytes.
    var size: Int { get }

    /// The bytes from `offset` on: `count` of them, or fewer at the end.
    ///
    /// - Parameters:
    ///   - offset: 0 to ``size``.
    ///   - count: at most ``ImageLimits/readBytesMax``.
    func read(at offset: Int, count: Int) throws(ImageFileError) -> [UInt8]
}

/// Bytes in memory.
extension [UInt8]: ByteSource {
    public var size: Int { count }

    public func read(at offset: Int, count: Int) throws(ImageFileError) -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        return Array(self[offset..<(offset + Swift.min(count, size - offset))])
    }
}

/// An open file. The descriptor stays its owner's, who keeps it open for as long as this is used.
public struct FileBytes: ByteSource {
    private let descriptor: Int32
    public let size: Int

    /// - Throws: ``ImageFileError/unreadable(code:)``.
    public init(descriptor: Int32) throws(ImageFileError) {
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0 else { throw .unreadable(code: errno) }
        self.descriptor = descriptor
        size = Int(facts.st_size)
    }

    public func read(at offset: Int, count: Int) throws(ImageFileError) -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: min(count, size - offset))
        var filled = 0
        while filled < bytes.count {
            let wanted = bytes.count - filled
            let found = unsafe bytes.withUnsafeMutableBytes { room in
                unsafe pread(
                    descriptor, room.baseAddress.map { unsafe $0 + filled }, wanted,
                    offset + filled)
            }
            if found < 0, errno == EINTR { continue }
            guard found >= 0 else { throw .unreadable(code: errno) }
            // The file became shorter after it was opened; what is missing reads as missing.
            if found == 0 { return Array(bytes.prefix(filled)) }
            filled += found
        }
        return bytes
    }
}
