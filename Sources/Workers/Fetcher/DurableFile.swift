// SPDX-License-Identifier: Apache-2.0
import Glibc
import Pipeline
import Transfer

/// Writes a small file so that it is there whole or not at all, also after a power cut.
enum DurableFile {
    /// - Throws: ``TransferError/file(operation:errno:)``.
    static func write(_ bytes: [UInt8], to path: String) throws(TransferError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .file(operation: "open record", errno: errno) }
        defer { close(descriptor) }
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        // Borrowed for the call.
        guard count == bytes.count, fsync(descriptor) == 0, rename(temporary, path) == 0 else {
            throw .file(operation: "write record", errno: errno)
        }
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        let directory = open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .file(operation: "open directory", errno: errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else {
            throw .file(operation: "fsync directory", errno: errno)
        }
    }
}
