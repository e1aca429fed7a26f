// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file, a pipe or a terminal that somebody named on the command line.
enum InputFile {
    /// Why there are no bytes.
    enum Failure: Error {
        /// It is not there, is a directory, or its owner keeps it from us.
        case unreadable
        /// There are more bytes than were asked for.
        case tooLarge
    }

    /// All bytes, up to `bytesMax`; no more are read, however long it is.
    static func read(_ path: String, bytesMax: Int) throws(Failure) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unreadable }
        defer { close(file) }
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= bytesMax {
            let count = unsafe room.withUnsafeMutableBytes { room in
                unsafe Glibc.read(file, room.baseAddress, room.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable }
            if count == 0 { return bytes }
            bytes += room[..<count]
        }
        throw .tooLarge
    }
}
