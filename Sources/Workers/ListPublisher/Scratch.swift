// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A directory for working copies that belongs to this process while it lives.
///
/// Each working copy is made anew by each process: what a killed one left behind, perhaps with a
/// program of its own still running in it, is never used again.
final class Scratch: Sendable {
    let path: String
    private let lock: FileLock

    /// - Throws: ``ListTargetError/inUse(path:)`` while another process has it.
    init(path: String) throws(ListTargetError) {
        try LocalFile.makeDirectory(path, mode: 0o700)
        guard let lock = try FileLock(path: path + "/lock") else { throw .inUse(path: path) }
        self.path = path
        self.lock = lock
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
