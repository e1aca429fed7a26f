// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Reads a `file:` URL: a regular file below one of the allowed directories, wherever symbolic
/// links may lead.
final class FileSource {
    private let descriptor: Int32
    let version: SourceVersion

    private static let bufferBytes = 1 << 20
    /// O_PATH of open(2), which Glibc's overlay lacks; the same on x86-64 and arm64.
    private static let pathOnly: Int32 = 0o10000000

    init(_ url: TransferURL, roots: [String]) throws(TransferError) {
        guard ["", "localhost"].contains(url.host) else {
            throw .forbiddenFile(reason: "it names another host")
        }
        // A handle that cannot read yet: merely opening a device or a pipe may have effects.
        let handle = open(url.path, Self.pathOnly | O_CLOEXEC)
        guard handle >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR
                ? .forbiddenFile(reason: "there is none")
                : .file(operation: "open source", errno: errno)
        }
        defer { close(handle) }
        let link = "/proc/self/fd/\(handle)"
        guard let real = Self.target(of: link), Self.isBelow(real, roots) else {
            throw .forbiddenFile(reason: "it is outside the allowed directories")
        }
        let facts = try Self.facts(handle)
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw .forbiddenFile(reason: "it is not a regular file")
        }
        descriptor = open(link, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(operation: "open source", errno: errno) }
        version = Self.version(url, facts)
    }

    deinit { close(descriptor) }

    /// Copies from `offset` to the end, until told to stop.
    ///
    /// - Returns: false when `goesOn` ended it.
    func copy(
        from offset: Int, to spool: DownloadSpool, while goesOn: () -> Bool
    ) throws(TransferError) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.bufferBytes, alignment: 16)
        defer { buffer.deallocate() }
        var position = offset
        while goesOn() {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .file(operation: "read source", errno: errno) }
            if count == 0 { return true }
            try spool.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += count
        }
        return false
    }

    /// True while nobody wrote to the file.
    func isUnchanged(_ url: TransferURL) throws(TransferError) -> Bool {
        try Self.version(url, Self.facts(descriptor)) == version
    }

    private static func version(_ url: TransferURL, _ facts: stat) -> SourceVersion {
        let time = "\(facts.st_mtim.tv_sec).\(facts.st_mtim.tv_nsec)"
        return SourceVersion(
            url: url, modified: "\(facts.st_dev):\(facts.st_ino):\(time)",
            total: Int(facts.st_size))
    }

    private static func facts(_ descriptor: Int32) throws(TransferError) -> stat {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            throw .file(operation: "fstat source", errno: errno)
        }
        return facts
    }

    private static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func isBelow(_ path: String, _ roots: [String]) -> Bool {
        roots.contains { root in
            guard let real = realpath(root, nil) else { return false }
            defer { free(real) }
            let directory = String(cString: real)
            return path.hasPrefix(directory.hasSuffix("/") ? directory : directory + "/")
        }
    }
}
