// SPDX-License-Identifier: Apache-2.0
import Files
import FoundationEssentials
import Glibc

/// Files that an operator configures: bounded, and with errors that name them. Symbolic links are
/// followed. All calls block.
enum ConfiguredFile {
    /// A whole file.
    static func read(_ path: String, bytesMax: Int) throws(ImageScanError) -> [UInt8] {
        // Without O_NONBLOCK a pipe that nobody writes to would hold the caller for ever.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: reason(errno)) }
        defer { close(descriptor) }
        do throws(ReadFailure) {
            let bytes = try LocalFile<ReadFailure>.read(
                descriptor, bytesMax: bytesMax + 1, path: path)
            guard bytes.count <= bytesMax else { throw ReadFailure(code: EFBIG) }
            return bytes
        } catch {
            throw .unreadable(path: path, reason: reason(error.code))
        }
    }

    /// A JSON file.
    static func decode<Value: Decodable>(
        _ type: Value.Type, _ path: String, bytesMax: Int
    ) throws(ImageScanError) -> Value {
        let bytes = try read(path, bytesMax: bytesMax)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .malformed(path: path, reason: JSONFault.reason(error))
        }
    }

    private static func reason(_ code: Int32) -> String {
        code == EFBIG ? "it is too large" : unsafe String(cString: strerror(code))
    }

    private struct ReadFailure: FileFailure {
        var code: Int32

        init(code: Int32) { self.code = code }

        init(operation: String, path: String, code: Int32) { self.code = code }
    }
}
