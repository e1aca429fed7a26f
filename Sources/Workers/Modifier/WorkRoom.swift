// SPDX-License-Identifier: Apache-2.0
import Files
import FoundationEssentials
import Glibc
import Programs

/// A fresh directory that only this user can enter, for the work on one image; removed with its
/// content when the last reference goes. Inside, one directory each for the working copy of the
/// disk, for what is made of it, and for the programs' own temporary files, so that an image is
/// alone in its directory.
final class WorkRoom: Sendable {
    let path: String
    var source: String { "\(path)/source" }
    var disk: String { "\(path)/disk" }
    var result: String { "\(path)/result" }
    var scratch: String { "\(path)/scratch" }
    /// What programs are told, the script itself included.
    var plan: String { "\(path)/plan" }

    /// What a crash has left is removed when it is older, in seconds: no image takes that long.
    private static let leftoverSecondsMin = 2 * 86_400
    private static let prefix = "job-"

    /// Blocks.
    init(in directory: String) throws {
        try LocalFile<ModifierError>.makeDirectories(directory, mode: 0o700)
        guard Self.isOurs(directory) else { throw ModifierError.foreignDirectory(directory) }
        Self.removeLeftovers(in: directory)
        path = "\(directory)/\(Self.prefix)\(UUID().uuidString.lowercased())"
        // Unlike the kit's own call, one that exists already is refused: it may be another's.
        guard unsafe mkdir(path, 0o700) == 0 else {
            throw ModifierError(operation: "creating", path: path, code: errno)
        }
        do {
            for folder in [source, disk, result, scratch, plan] {
                try LocalFile<ModifierError>.makeDirectory(folder, mode: 0o700)
                try Sandbox.hand(folder)
            }
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    /// Whether nobody else can put anything there, or exchange it.
    private static func isOurs(_ directory: String) -> Bool {
        var status = stat()
        return unsafe lstat(directory, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file that the programs in the sandbox can read. Blocks.
    func write(_ bytes: [UInt8], toPlan name: String) throws {
        let file = "\(plan)/\(name)"
        try LocalFile<ModifierError>.write(bytes, to: file, mode: 0o600)
        try Sandbox.hand(file)
    }

    /// What cannot be looked at or removed stays; the disk's fill level will tell.
    private static func removeLeftovers(in directory: String) {
        let limit = time(nil) - leftoverSecondsMin
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where name.hasPrefix(prefix) {
            var status = stat()
            guard unsafe stat("\(directory)/\(name)", &status) == 0,
                status.st_mtim.tv_sec < limit
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
    }
}
