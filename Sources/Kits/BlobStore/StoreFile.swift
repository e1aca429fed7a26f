// SPDX-License-Identifier: Apache-2.0
internal import Files
internal import Glibc

/// The file calls the store is made of: those of ``LocalFile``, and what only a store needs. All
/// block; none follows a symbolic link in the last component of a path.
typealias StoreFile = LocalFile<BlobStoreError>

extension StoreFile {
    /// Reads a whole file of at most `bytesMax` bytes; one byte more of a longer one, so that the
    /// caller sees that it is longer.
    static func read(_ path: String, bytesMax: Int) throws(BlobStoreError) -> [UInt8] {
        try withDescriptor(path, O_RDONLY) { descriptor throws(BlobStoreError) in
            try read(descriptor, bytesMax: bytesMax + 1, path: path)
        }
    }

    /// Writes a new file and synchronises it to disk. A file left by a failure is removed.
    static func create(
        _ path: String, holding bytes: [UInt8], mode: UInt32
    ) throws(BlobStoreError) {
        do throws(BlobStoreError) {
            try withDescriptor(path, O_WRONLY | O_CREAT | O_EXCL) {
                descriptor throws(BlobStoreError) in
                try write(bytes, to: descriptor, path: path)
                try seal(descriptor, path, mode: mode)
            }
        } catch {
            // What stopped the writing is told; a leftover is collected later.
            try? remove(path)
            throw error
        }
    }

    /// Gives a finished file its mode and the time now, and synchronises it to disk.
    static func seal(_ path: String, mode: UInt32) throws(BlobStoreError) {
        try withDescriptor(path, O_RDONLY) { descriptor throws(BlobStoreError) in
            try seal(descriptor, path, mode: mode)
        }
    }

    private static func seal(
        _ descriptor: Int32, _ path: String, mode: UInt32
    ) throws(BlobStoreError) {
        guard fchmod(descriptor, mode) == 0 else { throw failure("changing the mode", path) }
        guard futimens(descriptor, nil) == 0 else { throw failure("dating", path) }
        try synchronise(descriptor, path: path)
    }

    /// The length of a regular file; nil when there is none.
    static func size(_ path: String) throws(BlobStoreError) -> Int? {
        try status(path)?.size
    }

    static func isDirectory(_ path: String) throws(BlobStoreError) -> Bool {
        guard let found = try rawStatus(path) else { return false }
        return found.st_mode & S_IFMT == S_IFDIR
    }

    /// Length and times of a regular file.
    struct Status {
        var size: Int
        /// Seconds since 1970, by the file system's clock.
        var modified: Int
        /// When the entry was last renamed, dated or otherwise changed.
        var changed: Int
    }

    /// - Throws: `ELOOP` or `EISDIR` when there is something else of that name.
    static func status(_ path: String) throws(BlobStoreError) -> Status? {
        guard let found = try rawStatus(path) else { return nil }
        switch found.st_mode & S_IFMT {
        case S_IFREG:
            return Status(
                size: Int(found.st_size), modified: found.st_mtim.tv_sec,
                changed: found.st_ctim.tv_sec)
        case S_IFLNK: throw .file(operation: "opening", name: path, code: ELOOP)
        default: throw .file(operation: "opening", name: path, code: EISDIR)
        }
    }

    private static func rawStatus(_ path: String) throws(BlobStoreError) -> stat? {
        var found = stat()
        if unsafe lstat(path, &found) == 0 { return found }
        guard errno == ENOENT else { throw failure("looking up", path) }
        return nil
    }

    /// Sets a file's times to now. Best effort: it fails on files of another user, where pins
    /// alone protect a blob.
    static func touch(_ path: String) {
        _ = unsafe utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW)
    }

    /// False when there is no such file.
    static func renameIfPresent(
        _ path: String, to target: String
    ) throws(BlobStoreError) -> Bool {
        if unsafe Glibc.rename(path, target) == 0 { return true }
        guard errno == ENOENT else { throw failure("renaming", path) }
        return false
    }

    /// Removes an empty directory; one that is absent or in use again is left.
    static func removeDirectory(_ path: String) throws(BlobStoreError) {
        guard unsafe rmdir(path) == 0 || [ENOENT, ENOTEMPTY, EEXIST].contains(errno) else {
            throw failure("removing", path)
        }
    }

    /// Creates an empty file; harmless when it is there. False when its directory is missing.
    static func makeEmpty(_ path: String) throws(BlobStoreError) -> Bool {
        let descriptor = unsafe Glibc.open(
            path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o444)
        if descriptor >= 0 {
            close(descriptor)
            return true
        }
        // An existing pin of another user cannot be opened for writing, which is no harm.
        if errno == EACCES, try size(path) != nil { return true }
        guard errno == ENOENT else { throw failure("creating", path) }
        return false
    }

    static func realPath(_ path: String) throws(BlobStoreError) -> String {
        guard let resolved = unsafe realpath(path, nil) else { throw failure("resolving", path) }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// The entries of a directory, without those that begin with a dot; none when it is absent.
    static func names(in path: String) throws(BlobStoreError) -> [String] {
        guard let handle = unsafe opendir(path) else {
            if errno == ENOENT { return [] }
            throw failure("listing", path)
        }
        defer { unsafe closedir(handle) }
        var names: [String] = []
        while true {
            // Only errno tells the end from a failure, and a pin overlooked is a blob lost.
            errno = 0
            guard let entry = unsafe readdir(handle) else { break }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        guard errno == 0 else { throw failure("listing", path) }
        return names
    }
}
