// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import StratusLab

/// Documents as files.
enum MetadataFile {
    static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.usage, "Metadata file doesn't exist or is not a file: \(path)")
        }
        return [UInt8](data)
    }

    /// Writes whole or not at all.
    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw CommandFailure(.unavailable, "\(path) cannot be written: \(error)")
        }
    }

    /// Replaces `path`, keeping what was there as `<path>.orig`.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let fresh = path + ".new"
        try write(bytes, to: fresh)
        guard unsafe rename(path, path + ".orig") == 0, unsafe rename(fresh, path) == 0 else {
            throw CommandFailure(.unavailable, "\(path) cannot be replaced")
        }
    }
}

/// A time given on the command line.
enum MetadataTime {
    static func read(_ text: String?) throws -> Timestamp {
        guard let text, text != "now" else { return .now }
        guard let time = Timestamp(text) else {
            throw CommandFailure(
                .usage, "'\(Terminal.plain(text))' is not a time yyyy-MM-ddTHH:mm:ssZ")
        }
        return time
    }
}
