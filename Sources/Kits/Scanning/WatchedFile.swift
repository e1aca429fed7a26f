// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import ImageScan
internal import Threads

/// A file that an operator keeps up to date, read again when it is another than last time.
actor WatchedFile<Value: Sendable> {
    /// What tells a file from the one that was there before.
    private struct Identity: Hashable {
        var device: UInt
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private let path: String
    private let read: @Sendable (String) throws(ImageScanError) -> Value
    private var known: (identity: Identity, value: Value)?

    init(_ path: String, read: @escaping @Sendable (String) throws(ImageScanError) -> Value) {
        self.path = path
        self.read = read
    }

    /// What the file says now.
    func value() async throws(ImageScanError) -> Value {
        // Before the reading: a file that changes meanwhile is read once more the next time.
        let identity = identity()
        if let known, known.identity == identity { return known.value }
        let value = try await OwnThread.run { [path, read] () throws(ImageScanError) -> Value in
            try read(path)
        }
        if let identity { known = (identity, value) }
        return value
    }

    /// Nil when it is not there, which reading it tells better.
    private func identity() -> Identity? {
        var found = stat()
        guard unsafe stat(path, &found) == 0 else { return nil }
        return Identity(
            device: UInt(found.st_dev), inode: UInt(found.st_ino), size: Int(found.st_size),
            seconds: found.st_mtim.tv_sec, nanoseconds: found.st_mtim.tv_nsec)
    }
}
