// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Reads whole files of limited length.
enum BoundedFile {
    private static let chunkBytes = 65_536

    /// - Parameter isSecret: refuses a file that everybody may read or write.
    static func read(
        path: String, bytesMax: Int, isSecret: Bool = false
    ) throws(SignaturesError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .unreadableFile(path: path, reason: reason(errno)) }
        defer { close(descriptor) }
        if isSecret { try checkClosed(descriptor, path) }
        var bytes: [UInt8] = []
        while true {
            var count = 0
            let wanted = min(chunkBytes, bytesMax + 1 - bytes.count)
            let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
                count = Glibc.read(descriptor, buffer.baseAddress, wanted)
                filled = max(0, count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadableFile(path: path, reason: reason(errno)) }
            if count == 0 { return bytes }
            bytes += chunk
            guard bytes.count <= bytesMax else {
                throw .unreadableFile(path: path, reason: "longer than \(bytesMax) bytes")
            }
        }
    }

    /// Asks the open file, since its name may stand for another one meanwhile.
    private static func checkClosed(
        _ descriptor: Int32, _ path: String
    ) throws(SignaturesError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadableFile(path: path, reason: reason(errno))
        }
        guard status.st_mode & S_IRWXO == 0 else { throw .exposedFile(path: path) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
