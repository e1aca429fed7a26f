// SPDX-License-Identifier: Apache-2.0
import Compression
import Events
import Glibc
import Signatures

/// Size and digests of an image file's uncompressed content.
struct ImageContent {
    let compression: CompressionKind
    let digests: FourDigests

    /// Largest uncompressed image, in bytes.
    private static let bytesMax = 1 << 44

    /// Reads the file once.
    ///
    /// - Parameter compression: recognised by the file's first bytes when nil.
    init(path: String, compression: CompressionKind?) throws {
        try unsafe self.init(
            path: path, compression: compression, bytesMax: Self.bytesMax,
            uncompressed: { _ in }, file: { _ in })
    }

    /// Reads the file once, and gives its pieces on.
    ///
    /// - Parameters:
    ///   - compression: recognised by the file's first bytes when nil.
    ///   - bytesMax: the largest uncompressed image.
    ///   - sink: gets each piece of the uncompressed image, in order, when the file is compressed.
    ///   - observer: gets each piece of a compressed file before it is decompressed; what it
    ///     throws ends the reading.
    init(
        path: String, compression: CompressionKind?, bytesMax: Int,
        uncompressed sink: @escaping @Sendable (UnsafeRawBufferPointer) -> Void,
        file observer: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw CommandFailure(.usage, "Image does not exist or cannot be read: \(path)")
        }
        defer { close(file) }
        let recognised = CompressionFormat(prefix: try Self.prefix(file, path))
        let wanted = compression.map { CompressionFormat(rawValue: $0.rawValue) } ?? recognised
        guard let format = wanted else {
            self.compression = .none
            digests = try Self.plain(file, path)
            return
        }
        guard recognised == format, let kind = CompressionKind(rawValue: format.rawValue) else {
            throw CommandFailure(.usage, "\(path) is not compressed with \(format.rawValue)")
        }
        self.compression = kind
        digests = try unsafe Self.decompressed(
            file, path, format, bytesMax: bytesMax, sink, observer)
    }

    /// How the file is compressed, by its first bytes; nil when it is not.
    static func compression(of path: String) throws -> CompressionFormat? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw CommandFailure(.usage, "Image does not exist or cannot be read: \(path)")
        }
        defer { close(file) }
        return CompressionFormat(prefix: try prefix(file, path))
    }

    private static func plain(_ file: Int32, _ path: String) throws -> FourDigests {
        let pool = DigestPool()
        do {
            try pool.update(readingFrom: file)
        } catch {
            throw CommandFailure(.usage, "\(path): \(error)")
        }
        return pool.finish()
    }

    private static func decompressed(
        _ file: Int32, _ path: String, _ format: CompressionFormat, bytesMax: Int,
        _ sink: @escaping @Sendable (UnsafeRawBufferPointer) -> Void,
        _ observer: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> FourDigests {
        let pool = DigestPool()
        do {
            let limits = Decompressor.Limits(outputBytesMax: bytesMax)
            let decompressor = unsafe try Decompressor(format, limits: limits) { piece in
                unsafe pool.update(piece)
                unsafe sink(piece)
            }
            var room = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try read(file, into: &room, path)
                if count == 0 { break }
                unsafe try room.withUnsafeBytes { bytes in
                    let piece = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<count])
                    unsafe try observer(piece)
                    unsafe try decompressor.update(piece)
                }
            }
            try decompressor.finish()
        } catch let error as CompressionError {
            throw CommandFailure(.failed, "\(path): \(error)")
        }
        return pool.finish()
    }

    private static func prefix(_ file: Int32, _ path: String) throws -> ArraySlice<UInt8> {
        var room = [UInt8](repeating: 0, count: CompressionFormat.prefixBytes)
        let count = try read(file, into: &room, path)
        guard lseek(file, 0, SEEK_SET) == 0 else {
            throw CommandFailure(.usage, "\(path) is not a regular file")
        }
        return room.prefix(count)
    }

    private static func read(_ file: Int32, into room: inout [UInt8], _ path: String) throws -> Int
    {
        while true {
            let count = unsafe room.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(file, bytes.baseAddress, bytes.count)
            }
            if count >= 0 { return count }
            guard errno == EINTR else {
                throw CommandFailure(.usage, "\(path) cannot be read")
            }
        }
    }
}
