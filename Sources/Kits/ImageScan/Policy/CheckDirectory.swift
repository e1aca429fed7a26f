// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc

/// A directory with a site's own checks.
enum CheckDirectory {
    /// Names of the programs in it, sorted. Hidden files and those that cannot be executed are
    /// none, so that a read-me or a module may lie beside them. Blocks.
    static func programs(in directory: String) throws(ImageScanError) -> [String] {
        try refuseIfShared(directory)
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw .unreadable(path: directory, reason: "it cannot be listed")
        }
        var programs: [String] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            let path = "\(directory)/\(name)"
            guard let status = status(path), status.st_mode & S_IFMT == S_IFREG,
                unsafe access(path, X_OK) == 0
            else { continue }
            try refuseIfShared(path)
            programs.append(name)
        }
        guard programs.count <= CustomCheck.countMax else {
            throw .unreadable(
                path: directory, reason: "more than \(CustomCheck.countMax) programs")
        }
        return programs
    }

    /// What everybody may write to decides nothing.
    private static func refuseIfShared(_ path: String) throws(ImageScanError) {
        guard let status = status(path) else {
            throw .unreadable(path: path, reason: unsafe String(cString: strerror(errno)))
        }
        guard status.st_mode & 0o002 == 0 else {
            throw .customCheck(path: path, reason: "everybody may write to it")
        }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status : nil
    }
}
