// SPDX-License-Identifier: Apache-2.0
internal import Files
internal import FoundationEssentials
internal import Glibc

/// A fresh directory that only this user can enter, for one run of a program; removed with its
/// content when the last reference goes. What a crash leaves is the system's to tidy.
public final class PrivateDirectory: Sendable {
    public let path: String
    /// Whether programs in a sandbox own it and what is written into it.
    private let isForSandbox: Bool

    /// Makes one in `TMPDIR`, or `/tmp`. Blocks.
    ///
    /// - Parameter forSandbox: hands it, and each file that ``write(_:to:)`` makes, to the user
    ///   that programs in a ``Sandbox`` run as.
    public init(forSandbox: Bool = false) throws(ProgramsError) {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        path = "\(parent)/imprimatur-\(UUID().uuidString.lowercased())"
        // Unlike the kit's own call, one that exists already is refused: it may be another's.
        guard unsafe mkdir(path, 0o700) == 0 else {
            throw .system(operation: "creating", path: path, code: errno)
        }
        isForSandbox = forSandbox
        guard forSandbox else { return }
        do throws(ProgramsError) {
            try Sandbox.hand(path)
        } catch {
            _ = unsafe rmdir(path)
            throw error
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of `name` inside.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file that only this user can read, and returns its path. Blocks.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String) throws(ProgramsError) -> String {
        let file = file(name)
        try LocalFile<ProgramsError>.write(bytes, to: file, mode: 0o600)
        if isForSandbox { try Sandbox.hand(file) }
        return file
    }

    /// Reads a regular file of at most `bytesMax` bytes; nil when there is none. Blocks.
    public func read(_ name: String, bytesMax: Int) throws(ProgramsError) -> [UInt8]? {
        let file = file(name)
        guard unsafe access(file, F_OK) == 0 else { return nil }
        return try LocalFile<ProgramsError>.withDescriptor(file, O_RDONLY | O_NONBLOCK) {
            descriptor throws(ProgramsError) in
            let bytes = try LocalFile<ProgramsError>.read(
                descriptor, bytesMax: bytesMax + 1, path: file)
            guard bytes.count <= bytesMax else {
                throw .system(operation: "reading", path: file, code: EFBIG)
            }
            return bytes
        }
    }
}
