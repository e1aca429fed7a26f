// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Files and directories, through calls that block. None follows a symbolic link in the last
/// component of a path, where somebody else may have planted it.
public enum LocalFile<Failure: FileFailure> {
    /// Replaces a small file so that it is there whole or not at all, also after a power cut. It is
    /// on disk when this returns. A crash may leave `<path>.new` behind.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(Failure) {
        let temporary = path + ".new"
        try write(bytes, to: temporary, isDurable: true)
        try rename(temporary, to: path)
        try synchroniseDirectory(of: path)
    }

    /// Writes a file in place; `isDurable` brings it to disk before this returns.
    public static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o644, isDurable: Bool = false
    ) throws(Failure) {
        try withDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode) {
            descriptor throws(Failure) in
            try write(bytes, to: descriptor, path: path)
            if isDurable { try synchronise(descriptor, path: path) }
        }
    }

    public static func rename(_ path: String, to target: String) throws(Failure) {
        guard unsafe Glibc.rename(path, target) == 0 else { throw failure("renaming", path) }
    }

    /// Removes a file; harmless when there is none.
    public static func remove(_ path: String) throws(Failure) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure("removing", path) }
    }

    /// Creates a directory; harmless when it is there.
    public static func makeDirectory(_ path: String, mode: UInt32) throws(Failure) {
        guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else {
            throw failure("creating", path)
        }
    }

    /// Creates a directory and those above it; harmless when they are there.
    public static func makeDirectories(_ path: String, mode: UInt32) throws(Failure) {
        var prefix = path.hasPrefix("/") ? "" : "."
        for component in path.split(separator: "/") {
            prefix += "/\(component)"
            if unsafe access(prefix, F_OK) != 0 { try makeDirectory(prefix, mode: mode) }
        }
    }

    /// Makes the names in a directory durable.
    public static func synchroniseDirectory(_ path: String) throws(Failure) {
        try withDescriptor(path, O_RDONLY | O_DIRECTORY) { descriptor throws(Failure) in
            // Some network file systems have nothing to synchronise and say EINVAL.
            guard fsync(descriptor) == 0 || errno == EINVAL else {
                throw failure("synchronising", path)
            }
        }
    }

    /// Makes the names in a file's directory durable, which may be a symbolic link itself: the
    /// slash that ends its path has it followed.
    public static func synchroniseDirectory(of path: String) throws(Failure) {
        try synchroniseDirectory(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")
    }
}

// MARK: - Open files

extension LocalFile {
    /// Opens a file, which the caller closes.
    ///
    /// - Parameters:
    ///   - flags: of open(2).
    ///   - mode: of a file that this creates.
    public static func open(
        _ path: String, _ flags: Int32, mode: UInt32 = 0o600
    ) throws(Failure) -> Int32 {
        let descriptor = unsafe Glibc.open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("opening", path) }
        return descriptor
    }

    /// Lends an open file for the time of `body`.
    public static func withDescriptor<Value>(
        _ path: String, _ flags: Int32, mode: UInt32 = 0o600,
        _ body: (Int32) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let descriptor = try open(path, flags, mode: mode)
        defer { close(descriptor) }
        return try body(descriptor)
    }

    /// Reads on to the end of the file, or until there are `bytesMax` bytes.
    ///
    /// - Parameter path: for the error.
    public static func read(
        _ descriptor: Int32, bytesMax: Int, path: String
    ) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(bytesMax)
        var chunk = [UInt8](repeating: 0, count: min(bytesMax, 1 << 16))
        while bytes.count < bytesMax {
            let room = min(chunk.count, bytesMax - bytes.count)
            let count = unsafe Glibc.read(descriptor, &chunk, room)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("reading", path) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// Writes all of `bytes`.
    ///
    /// - Parameter path: for the error.
    public static func write(
        _ bytes: [UInt8], to descriptor: Int32, path: String
    ) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("writing", path) }
            rest = rest.dropFirst(count)
        }
    }

    /// Brings a file's bytes to disk.
    ///
    /// - Parameter path: for the error.
    public static func synchronise(_ descriptor: Int32, path: String) throws(Failure) {
        guard fsync(descriptor) == 0 else { throw failure("synchronising", path) }
    }

    /// The error of a call that has just failed.
    public static func failure(_ operation: String, _ path: String) -> Failure {
        Failure(operation: operation, path: path, code: errno)
    }
}
