// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Files beside a list: read and written without following a symbolic link that a committer may
/// have planted.
enum LocalFile {
    /// The content of a regular file; nil when there is none.
    static func read(_ path: String, bytesMax: Int) throws(ListTargetError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            if errno == ELOOP { throw .wrongFile(path: path, reason: "is a symbolic link") }
            throw .file(operation: "opening", path: path, code: errno)
        }
        defer { close(descriptor) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else {
            throw .file(operation: "reading", path: path, code: errno)
        }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw .wrongFile(path: path, reason: "is no regular file")
        }
        guard information.st_size <= bytesMax else {
            throw .wrongFile(path: path, reason: "exceeds \(bytesMax) bytes")
        }
        return try readAll(descriptor, size: Int(information.st_size), path: path)
    }

    private static func readAll(
        _ descriptor: Int32, size: Int, path: String
    ) throws(ListTargetError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        var count = 0
        while count < size {
            let read = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
            }
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw .file(operation: "reading", path: path, code: errno) }
            if read == 0 { break }
            count += read
        }
        return Array(bytes.prefix(count))
    }

    /// Writes a file in place; `isDurable` brings it to disk before this returns.
    static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t = 0o644, isDurable: Bool = false
    ) throws(ListTargetError) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        let descriptor = unsafe open(path, flags, mode)
        guard descriptor >= 0 else { throw .file(operation: "creating", path: path, code: errno) }
        defer { close(descriptor) }
        var count = 0
        while count < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    descriptor, buffer.baseAddress?.advanced(by: count), bytes.count - count)
            }
            if written < 0, errno == EINTR { continue }
            guard written >= 0 else { throw .file(operation: "writing", path: path, code: errno) }
            count += written
        }
        guard !isDurable || fsync(descriptor) == 0 else {
            throw .file(operation: "synchronising", path: path, code: errno)
        }
    }

    static func rename(_ path: String, to other: String) throws(ListTargetError) {
        guard unsafe Glibc.rename(path, other) == 0 else {
            throw .file(operation: "renaming", path: path, code: errno)
        }
    }

    /// Removes a file; harmless when there is none.
    static func remove(_ path: String) throws(ListTargetError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw .file(operation: "removing", path: path, code: errno)
        }
    }

    static func synchroniseDirectory(_ path: String) throws(ListTargetError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(operation: "opening", path: path, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .file(operation: "synchronising", path: path, code: errno)
        }
    }

    /// Creates a directory with its parents; harmless when it is there.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(ListTargetError) {
        var parents = ""
        for name in path.split(separator: "/") {
            parents += (parents.isEmpty && !path.hasPrefix("/") ? "" : "/") + name
            guard unsafe mkdir(parents, mode) == 0 || errno == EEXIST else {
                throw .file(operation: "creating", path: parents, code: errno)
            }
        }
    }
}
