// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Images on a web server that can misbehave, with their checksum file, and requests for them.
struct SourceImages {
    struct Image {
        var name: String
        /// On the server.
        var file: String
        /// In bytes.
        var size: Int
        var sha256: String
        /// Path of the request file.
        var request: String
        var publication: String
    }

    let server: HTTPServer

    init() async throws {
        server = try await HTTPServer()
    }

    /// Puts an image on the server, different for each name, and writes a request for it. Equal
    /// calls give equal bytes.
    ///
    /// - Parameters:
    ///   - size: of the file that makes it different, in bytes; the image is about 1 MB more.
    ///   - guest: another image than the one on which no check fires.
    ///   - checksums: what the checksum file says instead of the image's SHA-256.
    ///   - sections: of the request beside the usual ones, as YAML.
    ///   - locations: of the published image, where they are not the source.
    func make(
        _ name: String, size: Int = 4_096, version: String = "1.0", folder: TemporaryDirectory,
        guest: GuestImage = .clean, checksums: String? = nil, sections: String = "",
        locations: [String] = []
    ) async throws -> Image {
        let file = "\(name)-\(version).img"
        let bytes = try await SeededGuest(guest, size: size).bytes(seed: file)
        try server.root.write(bytes, to: file)
        let sums = try await succeed("sha256sum", [server.root.file(file)])
        let digest = sums.prefix { $0 != " " }
        try server.root.write(checksums ?? "\(digest)  \(file)\n", to: "\(file).SHA256SUMS")
        let request = """
            name: \(name)
            source:
              url: \(server.url(file))
              format: qcow2
            checksumFiles:
              - url: \(server.url("\(file).SHA256SUMS"))
            \(sections)
            metadata:
              title: Test image \(name)
              description: "An image with <markup> & Ünïcode"
              os: testos
              osVersion: "1"
              osArch: x86_64
              version: "\(version)"
              \(locations.isEmpty ? "" : "locations: [\(locations.joined(separator: ", "))]")
            """
        return Image(
            name: name, file: file, size: bytes.count, sha256: String(digest),
            request: try folder.write(request, to: "requests/\(file).yaml"),
            publication: Self.publication(file))
    }

    /// Bytes that follow from the seed (xorshift64), so that runs can be compared.
    static func bytes(seed: String, size: Int) -> [UInt8] {
        var state = seed.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size + 8)
        while bytes.count < size {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            withUnsafeBytes(of: state.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return Array(bytes.prefix(size))
    }

    /// A UUID that follows from the name.
    private static func publication(_ name: String) -> String {
        let digits = bytes(seed: "publication \(name)", size: 16)
            .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let groups = [(0, 8), (8, 4), (12, 4), (16, 4), (20, 12)].map { start, length in
            digits.dropFirst(start).prefix(length)
        }
        return groups.joined(separator: "-")
    }
}

/// The time of every request that must give equal documents: one moment of this test run, since
/// the hooks refuse expired documents.
let requestTime = ISO8601DateFormatter().string(from: Date())
/// A day before that.
let earlierTime = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: -86_400))
