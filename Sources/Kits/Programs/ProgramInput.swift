// SPDX-License-Identifier: Apache-2.0
internal import Files
internal import Glibc

/// What a program gets as its standard input.
enum ProgramInput: Sendable {
    case bytes([UInt8])
    /// A path of a regular file.
    case file(String)

    /// Opens it for the program.
    func descriptor<Descriptor: RawRepresentable>() throws(ProgramsError) -> Descriptor
    where Descriptor.RawValue == Int32 {
        let raw =
            switch self {
            case .bytes(let bytes): try Self.readEnd(of: bytes)
            case .file(let path): try Self.open(path)
            }
        guard let descriptor = Descriptor(rawValue: raw) else {
            close(raw)
            throw .system(operation: "opening", path: "", code: EBADF)
        }
        return descriptor
    }

    /// The path of a file that can be opened and is regular; nil for bytes.
    func checkedPath() throws(ProgramsError) -> String? {
        guard case .file(let path) = self else { return nil }
        close(try Self.open(path))
        return path
    }

    private static func open(_ path: String) throws(ProgramsError) -> Int32 {
        // O_NONBLOCK: opening a FIFO would wait for who writes into it.
        let descriptor = try LocalFile<ProgramsError>.open(path, O_RDONLY | O_NONBLOCK)
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .system(operation: "reading", path: path, code: EINVAL)
        }
        return descriptor
    }

    /// A descriptor that gives `input` and then its end.
    ///
    /// All of it lies in the socket's buffer beforehand, so nobody has to write while the
    /// program runs, and one that ends without reading does no harm. (Writing through Subprocess
    /// 1.0 ends this process then, by SIGPIPE or by an unclosed descriptor.)
    private static func readEnd(of input: [UInt8]) throws(ProgramsError) -> Int32 {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard input.count <= Program.inputBytesMax,
            unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0
        else { throw .system(operation: "socketpair", path: "", code: errno) }
        defer { close(ends[1]) }
        let sent = unsafe input.withUnsafeBytes { bytes in
            unsafe send(ends[1], bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == input.count else {
            close(ends[0])
            throw .system(operation: "send", path: "", code: errno)
        }
        return ends[0]
    }
}
