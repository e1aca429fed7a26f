// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import StratusLab

/// Documents as files.
enum MetadataFile {
    /// A file's bytes.
    ///
    /// - Parameter bytesMax: a larger file is refused.
    static func read(_ path: String, bytesMax: Int = MetadataDocument.bytesMax) throws -> [UInt8] {
        do {
            return try InputFile.read(path, bytesMax: bytesMax)
        } catch .unreadable {
            throw CommandFailure(.usage, "Metadata file doesn't exist or is not a file: \(path)")
        } catch .tooLarge {
            throw CommandFailure(.usage, "\(path) is larger than \(bytesMax) bytes")
        }
    }

    /// The document in a file.
    static func document(_ path: String) throws -> MetadataDocument {
        do {
            return try MetadataDocument(parsing: try read(path))
        } catch let error as StratusLabError {
            throw CommandFailure(.failed, "\(path): \(Terminal.plain("\(error)"))")
        }
    }

    /// Writes whole or not at all.
    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw CommandFailure(.unavailable, "\(path) cannot be written: \(error)")
        }
    }

    /// Replaces `path`, keeping what was there as `<path>.orig`, in the place of an older one.
    ///
    /// Whatever happens, there is a file `path`, the old or the new one. It may be a symbolic link:
    /// then that is what becomes `<path>.orig`.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let (fresh, kept) = (path + ".new", path + ".orig")
        try write(bytes, to: fresh)
        // A second name for the old file, so that its first is never missing. File systems without
        // such names do with a moment in which it is.
        let spare = kept + ".new"
        unsafe unlink(spare)
        let source = unsafe link(path, spare) == 0 ? spare : path
        guard unsafe rename(source, kept) == 0, unsafe rename(fresh, path) == 0 else {
            let reason = unsafe String(cString: strerror(errno))
            for leftover in [fresh, spare] { unsafe unlink(leftover) }
            throw CommandFailure(.unavailable, "\(path) cannot be replaced: \(reason)")
        }
        // Still there when `kept` already was a name of that file.
        unsafe unlink(spare)
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
