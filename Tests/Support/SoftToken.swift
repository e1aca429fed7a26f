// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A PKCS#11 token in software (SoftHSM2), with the keys and certificates of issued endorsers.
public struct SoftToken: Sendable, Codable {
    public let label: String
    public let pin: String
    /// What a process needs to use it through OpenSSL's provider `pkcs11`.
    public let environment: [String: String]
    private let store: String

    private static let module = "/usr/lib/softhsm/libsofthsm2.so"

    /// False under a sanitizer: the provider loads modules in a way that sanitizers do not bear
    /// (`RTLD_DEEPBIND`).
    public static var isUsable: Bool {
        dlsym(nil, "__asan_init") == nil && dlsym(nil, "__tsan_init") == nil
    }

    /// Makes the token in `directory`.
    ///
    /// - Parameters:
    ///   - keys: what to put on it, each under its name.
    ///   - withCertificates: the names of those whose certificate is put there, too.
    public init(
        _ label: String = "imprimatur", pin: String = "4711", in directory: TemporaryDirectory,
        keys: [(name: String, issued: TestCertificates.Issued)], withCertificates: Set<String>
    ) async throws {
        self.label = label
        self.pin = pin
        store = directory.file("tokens")
        try FileManager.default.createDirectory(
            atPath: store, withIntermediateDirectories: true)
        environment = try Self.environment(for: store, in: directory)
        try await call(
            "softhsm2-util",
            ["--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "0815"])
        for (index, key) in keys.enumerated() {
            let id = "0\(index + 1)"
            try await call(
                "softhsm2-util",
                [
                    "--import", key.issued.keyPath, "--token", label, "--label", key.name, "--id",
                    id, "--pin", pin,
                ])
            guard withCertificates.contains(key.name) else { continue }
            let der = directory.file("\(id).der")
            try await call(
                "openssl",
                ["x509", "-in", key.issued.certificatePath, "-outform", "DER", "-out", der])
            try await call(
                "pkcs11-tool",
                [
                    "--module", Self.module, "--token-label", label, "--login", "--pin", pin,
                    "--write-object", der, "--type", "cert", "--id", id, "--label",
                    "certificate of \(key.name)",
                ])
        }
    }

    private init(_ original: SoftToken, in directory: TemporaryDirectory) throws {
        (label, pin, store) = (original.label, original.pin, directory.file("tokens"))
        try FileManager.default.copyItem(atPath: original.store, toPath: store)
        environment = try Self.environment(for: store, in: directory)
    }

    /// A token with the same content: SoftHSM does not bear it when one process reads a token while
    /// another counts a wrong PIN there.
    public func copy(in directory: TemporaryDirectory) throws -> SoftToken {
        try SoftToken(self, in: directory)
    }

    private static func environment(
        for store: String, in directory: TemporaryDirectory
    ) throws -> [String: String] {
        let configuration = try directory.write(
            "directories.tokendir = \(store)\nobjectstore.backend = file\nlog.level = ERROR\n",
            to: "softhsm2.conf")
        return ["SOFTHSM2_CONF": configuration, "PKCS11_PROVIDER_MODULE": module]
    }

    /// The PKCS#11 URI of a key on it.
    public func uri(_ name: String) -> String { "pkcs11:token=\(label);object=\(name)" }

    private func call(_ program: String, _ arguments: [String]) async throws {
        let (status, output) = try await run(program, arguments, environment: environment)
        guard status == 0 else { throw NeverHappened(description: "\(program): \(output)") }
    }
}
