// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Writes a small file so that it is there whole or not at all, also after a power cut.
public enum DurableFile {
    /// Replaces `path`. Blocks until the bytes are on disk.
    ///
    /// - Throws: ``TransferError/file(operation:errno:)``.
    public static func write(_ bytes: [UInt8], to path: String) throws(TransferError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .file(operation: "open new", errno: errno) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .file(operation: "write", errno: errno) }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw .file(operation: "fsync", errno: errno) }
        guard rename(temporary, path) == 0 else { throw .file(operation: "rename", errno: errno) }
        try synchroniseDirectory(of: path)
    }

    /// Makes the names in a file's directory durable.
    static func synchroniseDirectory(of path: String) throws(TransferError) {
        let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .file(operation: "open directory", errno: errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else {
            throw .file(operation: "fsync directory", errno: errno)
        }
    }
}
