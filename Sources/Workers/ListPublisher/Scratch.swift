// SPDX-License-Identifier: Apache-2.0
import Files
import FoundationEssentials

/// A directory for working copies that belongs to this process while it lives: the first free
/// one of the numbered directories inside the configured one, so that a standby process on the
/// same machine needs no configuration of its own.
///
/// Each working copy is made anew by each process: what a killed one left behind, perhaps with a
/// program of its own still running in it, is never used again.
final class Scratch: Sendable {
    let path: String
    private let lock: FileLock

    /// The most processes that share a configured directory.
    private static let processMax = 16

    /// - Throws: ``ListTargetError/inUse(path:)`` while too many processes work there.
    init(path parent: String) throws(ListTargetError) {
        for number in 1...Self.processMax {
            let path = "\(parent)/\(number)"
            try LocalFile.makeDirectories(path, mode: 0o700)
            guard let lock = try FileLock(path + "/lock") else { continue }
            self.path = path
            self.lock = lock
            return
        }
        throw .inUse(path: parent)
    }

    /// A fresh path inside; all older ones are removed, as far as that is possible now.
    func fresh() -> String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names where name.hasPrefix("work-") {
            try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        return "\(path)/work-\(UUID().uuidString.lowercased())"
    }
}
