// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// A room of its own for GnuPG, with the keys that tests sign with. All were made in 2020; times
/// are GnuPG's, such as `20240501T120000`.
struct KeyRoom: Sendable {
    enum Signer: String, CaseIterable, Sendable {
        /// Ed25519; signs with its only key.
        case ada
        /// RSA of 2048 bits.
        case rob
        /// Certifies with Ed25519, signs with a subkey.
        case sue
        /// Expired on the day after it was made.
        case old
        /// Revoked.
        case rex
        /// Nobody trusts this one.
        case eve

        var userID: String { "\(rawValue.capitalized) Signer <\(rawValue)@example.org>" }
    }

    let folder: TemporaryDirectory
    /// GnuPG's agent, which would outlive the tests if gpg started it by itself.
    private let agent: BackgroundProcess
    private(set) var fingerprints: [Signer: String] = [:]

    /// Made once for all tests of the process.
    static let shared = Task { try await KeyRoom() }

    static let madeAt = "20240501T120000"

    private init() async throws {
        folder = try TemporaryDirectory()
        // The agent ends soon after the program that it is given.
        agent = try BackgroundProcess(
            "gpg-agent", ["--homedir", folder.path, "--daemon", "sleep", "infinity"])
        let socket = folder.file("S.gpg-agent")
        try await eventually(timeout: .seconds(30), "gpg-agent") {
            FileManager.default.fileExists(atPath: socket)
        }
        for signer in Signer.allCases {
            let kind = signer == .rob ? "rsa2048" : "ed25519"
            let uses = signer == .sue ? "cert" : "sign"
            let expiry = signer == .old ? "seconds=86400" : "never"
            try await gpg(
                ["--quick-generate-key", signer.userID, kind, uses, expiry], at: "20200101T000000")
            let listing = try await gpg(["--with-colons", "--list-keys", signer.userID])
            let line = listing.split(separator: "\n").first { $0.hasPrefix("fpr:") }
            fingerprints[signer] = line?.split(separator: ":").last.map(String.init)
        }
        try await gpg(
            ["--quick-add-key", fingerprints[.sue] ?? "", "ed25519", "sign", "never"],
            at: "20200101T000000")
        let revocation = folder.file("openpgp-revocs.d/\(fingerprints[.rex] ?? "").rev")
        let text = try String(contentsOfFile: revocation, encoding: .utf8)
        let path = try folder.write(
            text.replacingOccurrences(of: ":-----BEGIN", with: "-----BEGIN"), to: "revocation")
        try await gpg(["--import", path], at: "20230101T000000")
    }

    /// The path of a fresh file with public keys.
    func keys(_ signers: Signer..., armoured: Bool = false) async throws -> String {
        let path = folder.file("keys-\(UUID().uuidString)")
        try await gpg(
            (armoured ? ["--armor"] : []) + ["--output", path, "--export"]
                + signers.map(\.userID))
        return path
    }

    /// The path of a file with a private key.
    func privateKey(_ signer: Signer) async throws -> String {
        let path = folder.file("private-\(UUID().uuidString)")
        try await gpg(["--armor", "--output", path, "--export-secret-keys", signer.userID])
        return path
    }

    /// What GnuPG makes of `bytes`: `--detach-sign`, `--clearsign` or `--sign`.
    func sign(
        _ bytes: [UInt8], _ signers: Signer..., how: String = "--detach-sign",
        options: [String] = [], at time: String? = nil
    ) async throws -> [UInt8] {
        let output = folder.file("out-\(UUID().uuidString)")
        let input = try folder.write(bytes, to: "in-\(UUID().uuidString)")
        let users = signers.flatMap { ["--local-user", $0.userID] }
        // A revoked key and an expired one sign as long as GnuPG believes them sound.
        let usual = signers == [.old] ? "20200101T100000" : Self.madeAt
        try await gpg(
            users + options + ["--output", output, how, input], at: time ?? usual)
        return Array(try Data(contentsOf: URL(fileURLWithPath: output)))
    }

    @discardableResult
    private func gpg(_ arguments: [String], at time: String? = nil) async throws -> String {
        let usual = [
            "--batch", "--quiet", "--no-tty", "--homedir", folder.path, "--pinentry-mode",
            "loopback", "--passphrase", "",
        ]
        let clock = time.map { ["--faked-system-time", "\($0)!"] } ?? []
        let result = try await run("gpg", usual + clock + arguments)
        guard result.status == 0 else {
            throw NeverHappened(description: "gpg \(arguments): \(result.output)")
        }
        return result.output
    }
}

/// A key pair of minisign, made by minisign.
struct MinisignPair: Sendable {
    let folder: TemporaryDirectory
    var publicKeyPath: String { folder.file("public") }

    init() async throws {
        folder = try TemporaryDirectory()
        try await minisign(["-G", "-W", "-p", publicKeyPath, "-s", folder.file("secret")])
    }

    func publicKey() throws -> String {
        let text = try String(contentsOfFile: publicKeyPath, encoding: .utf8)
        return String(text.split(separator: "\n").last ?? "")
    }

    /// - Parameter options: `-l` for the old algorithm.
    func sign(_ bytes: [UInt8], comment: String? = nil, options: [String] = []) async throws
        -> [UInt8]
    {
        let input = try folder.write(bytes, to: "file")
        let comments = comment.map { ["-t", $0] } ?? []
        try await minisign(
            ["-S", "-s", folder.file("secret"), "-m", input, "-x", input + ".minisig"] + options
                + comments)
        return Array(try Data(contentsOf: URL(fileURLWithPath: input + ".minisig")))
    }

    private func minisign(_ arguments: [String]) async throws {
        let result = try await run("minisign", arguments)
        guard result.status == 0 else {
            throw NeverHappened(description: "minisign \(arguments): \(result.output)")
        }
    }
}
