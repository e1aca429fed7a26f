// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Somebody who signs checksum files with a key of GnuPG.
struct SigningRoom {
    private let folder: TemporaryDirectory
    /// Ends with this; gpg would start one that outlives the tests.
    private let agent: BackgroundProcess
    /// The public key, for `verifier.keyrings`.
    var keyring: String { folder.file("keyring.gpg") }

    init(_ userID: String) async throws {
        folder = try TemporaryDirectory()
        agent = try BackgroundProcess(
            "gpg-agent", ["--homedir", folder.path, "--daemon", "sleep", "infinity"])
        let socket = folder.file("S.gpg-agent")
        try await eventually(timeout: .seconds(30), "gpg-agent") {
            FileManager.default.fileExists(atPath: socket)
        }
        // As Fedora's keys are: RSA of 4096 bits, here half of them.
        try await gpg(["--quick-generate-key", userID, "rsa2048", "sign", "never"])
        try await gpg(["--output", keyring, "--export", userID])
    }

    func clearsigned(_ text: String) async throws -> String {
        let input = try folder.write(text, to: "in-\(UUID().uuidString)")
        try await gpg([
            "--digest-algo", "SHA256", "--output", input + ".asc", "--clearsign", input,
        ])
        return try String(contentsOfFile: input + ".asc", encoding: .utf8)
    }

    private func gpg(_ arguments: [String]) async throws {
        try await succeed(
            "gpg",
            [
                "--batch", "--quiet", "--no-tty", "--homedir", folder.path, "--pinentry-mode",
                "loopback", "--passphrase", "",
            ] + arguments)
    }
}
