// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Ed25519 keys of the stages that attest, made with the `openssl` command; removed with the last
/// reference.
public final class AttestationKeyFiles: Sendable {
    public static let stages = ["fetcher", "verifier", "modifier", "scanner", "metadata"]

    private let folder: TemporaryDirectory
    /// Holds `<stage>.key`, mode 0600.
    public var privateDirectory: String { folder.file("private") }
    /// Holds `<stage>.pub`.
    public var publicDirectory: String { folder.file("public") }

    private static let sharedTask = Task { try await AttestationKeyFiles() }

    /// Those that the tests of one process share.
    public static var shared: AttestationKeyFiles {
        get async throws { try await sharedTask.value }
    }

    public init() async throws {
        folder = try TemporaryDirectory()
        for path in [privateDirectory, publicDirectory] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }
        for stage in Self.stages { try await make(stage) }
    }

    /// Makes a new pair in place of a stage's.
    public func make(_ stage: String) async throws {
        let key = "\(privateDirectory)/\(stage).key"
        try? FileManager.default.removeItem(atPath: key)
        try await openssl(["genpkey", "-algorithm", "ed25519", "-out", key])
        try await openssl([
            "pkey", "-in", key, "-pubout", "-out", "\(publicDirectory)/\(stage).pub",
        ])
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    }

    private func openssl(_ arguments: [String]) async throws {
        let (status, output) = try await run("openssl", arguments)
        guard status == 0 else { throw NeverHappened(description: "openssl: \(output)") }
    }
}
