// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Reads whole files of limited length.
enum BoundedFile {
    private static let chunkBytes = 65_536

    static func read(path: String, bytesMax: Int) throws(SignaturesError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .unreadableFile(path: path, reason: reason(errno)) }
        defer { close(descriptor) }
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

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
