// SPDX-License-Identifier: Apache-2.0
import Files
import Glibc

/// Files beside a list.
typealias LocalFile = Files.LocalFile<ListTargetError>

extension LocalFile {
    /// The content of a regular file; nil when there is none. A symbolic link, which a committer
    /// may have planted, is told from other trouble: waiting does not mend it.
    static func read(_ path: String, bytesMax: Int) throws(ListTargetError) -> [UInt8]? {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            if errno == ELOOP { throw .wrongFile(path: path, reason: "is a symbolic link") }
            throw failure("opening", path)
        }
        defer { close(descriptor) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else { throw failure("reading", path) }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw .wrongFile(path: path, reason: "is no regular file")
        }
        guard information.st_size <= bytesMax else {
            throw .wrongFile(path: path, reason: "exceeds \(bytesMax) bytes")
        }
        return try read(descriptor, bytesMax: Int(information.st_size), path: path)
    }
}
