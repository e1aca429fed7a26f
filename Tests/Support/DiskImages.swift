// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Disk images made by qemu-img at test time, and what it says of them.
public struct DiskImages: Sendable {
    public let folder: TemporaryDirectory

    public init() throws {
        folder = try TemporaryDirectory()
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    @discardableResult
    public static func qemu(_ arguments: [String]) async throws -> String {
        let (status, output) = try await run("qemu-img", arguments, timeout: .seconds(60))
        guard status == 0 else { throw Failure(description: "qemu-img \(arguments): \(output)") }
        return output
    }

    /// A raw disk of `mebibytes` with a boot sector's mark and data here and there.
    public func raw(mebibytes: Int = 3) throws -> String {
        var bytes = [UInt8](repeating: 0, count: mebibytes << 20)
        (bytes[510], bytes[511]) = (0x55, 0xAA)
        for offset in stride(from: 65_536, to: bytes.count, by: 300_000) {
            for index in 0..<4096 where offset + index < bytes.count {
                bytes[offset + index] = UInt8(truncatingIfNeeded: index &* 31 &+ offset)
            }
        }
        return try folder.write(bytes, to: "disk.raw")
    }

    /// The raw disk in another format.
    public func converted(_ format: String, options: [String] = [], to name: String) async throws
        -> String
    {
        let output = folder.file(name)
        try await Self.qemu(
            ["convert", "-f", "raw", "-O", format] + options + [try raw(), output])
        return output
    }

    public func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Format and size as qemu-img sees them.
    public static func info(_ path: String) async throws -> (format: String, size: Int) {
        struct Info: Decodable {
            var format: String
            var size: Int
            enum CodingKeys: String, CodingKey {
                case format
                case size = "virtual-size"
            }
        }
        let text = try await qemu(["info", "--output=json", path])
        let info = try JSONDecoder().decode(Info.self, from: Data(text.utf8))
        return (info.format, info.size)
    }
}
