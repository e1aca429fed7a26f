// SPDX-License-Identifier: Apache-2.0
import Files
import FoundationEssentials
import Glibc

/// A file being downloaded and, beside it, what is known about it (`<path>.state`).
///
/// Confined to the download's thread. The state never promises more than what is safely on disk:
/// it is written after the bytes, and removed before bytes it describes are overwritten.
final class PartialFile {
    /// What is saved beside the file.
    struct State: Codable {
        var url: String
        var source: SourceVersion
        /// Bytes of the file that are on disk and that the observer has seen.
        var offset: Int
        /// All bytes are there.
        var isComplete: Bool
        /// Time spent on the transfer so far, over all runs.
        var milliseconds: Int
        var observer: [UInt8]
    }

    private let path: String
    private let descriptor: Int32
    private(set) var length = 0

    private static let stateBytesMax = 1 << 20

    /// Opens or makes the file.
    init(_ path: String) throws(TransferError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw Self.failure("open") }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0 else { throw Self.failure("lseek") }
        length = Int(end)
    }

    deinit { close(descriptor) }

    static func remove(_ path: String) {
        unlink(statePath(path))
        unlink(statePath(path) + ".new")
        unlink(path)
    }

    /// Cuts the file to `offset` bytes and goes on writing there.
    func truncate(to offset: Int) throws(TransferError) {
        guard ftruncate(descriptor, off_t(offset)) == 0,
            lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset)
        else { throw Self.failure("truncate") }
        length = offset
    }

    /// Forgets everything.
    func reset() throws(TransferError) {
        if unlink(Self.statePath(path)) == 0 {
            try LocalFile<TransferError>.synchroniseDirectory(of: path)
        } else if errno != ENOENT {
            throw Self.failure("remove state")
        }
        try truncate(to: 0)
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(TransferError) {
        var rest = bytes
        while rest.count > 0 {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("write") }
            length += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Reads up to the buffer's size from `offset`; 0 at the end of the file.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(TransferError) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure("read") }
            return count
        }
    }

    /// The saved state, when there is one and the file is long enough for it.
    func load() -> State? {
        guard let bytes = try? Data(contentsOf: URL(filePath: Self.statePath(path))),
            bytes.count <= Self.stateBytesMax,
            let state = try? JSONDecoder().decode(State.self, from: bytes),
            (0...length).contains(state.offset), state.milliseconds >= 0
        else { return nil }
        return state
    }

    /// Brings the bytes to disk, then the state that speaks of them.
    func save(_ state: State) throws(TransferError) {
        guard fdatasync(descriptor) == 0 else { throw Self.failure("fdatasync") }
        guard let bytes = try? JSONEncoder().encode(state) else {
            throw .invalidRequest(field: "download state", reason: "cannot be encoded")
        }
        try LocalFile<TransferError>.replace(Self.statePath(path), with: Array(bytes))
    }

    private static func statePath(_ path: String) -> String { path + ".state" }

    private static func failure(_ operation: String) -> TransferError {
        .file(operation: operation, errno: errno)
    }
}
