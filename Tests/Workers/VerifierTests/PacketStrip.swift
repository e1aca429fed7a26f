// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Takes a key apart with GnuPG's own tool.
enum PacketStrip {
    /// The path of a copy of the private key without its revocation, the signature that comes
    /// right behind the primary key.
    static func withoutRevocation(
        _ path: String, in folder: TemporaryDirectory
    ) async throws -> String {
        let binary = folder.file("binary")
        let result = try await run(
            "gpg", ["--batch", "--yes", "--output", binary, "--dearmor", path])
        guard result.status == 0 else { throw NeverHappened(description: result.output) }
        let parts = folder.file("parts")
        try FileManager.default.createDirectory(
            atPath: parts, withIntermediateDirectories: false)
        let split = try await run("gpgsplit", ["--prefix", "\(parts)/", binary])
        guard split.status == 0 else { throw NeverHappened(description: split.output) }
        let names = try FileManager.default.contentsOfDirectory(atPath: parts).sorted()
        var bytes = Data()
        for (index, name) in names.enumerated() where index != 1 {
            bytes += try Data(contentsOf: URL(fileURLWithPath: "\(parts)/\(name)"))
        }
        return try folder.write(bytes, to: "stripped")
    }
}
