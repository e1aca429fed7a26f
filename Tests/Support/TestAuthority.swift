// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Certification authorities of any shape, with revocation lists: all share one key pair per
/// authority, and whoever they certify has a key of his own. Made with the `openssl` command.
public final class TestAuthority: Sendable {
    public let directory: TemporaryDirectory
    /// PEM.
    public let certificatePath: String
    private let keyPath: String

    /// - Parameters:
    ///   - issuer: nil for one that signs its own certificate.
    ///   - extensions: of its certificate; `basicConstraints` and `keyUsage` must be among them.
    public init(
        _ name: String, by issuer: TestAuthority? = nil,
        extensions: [String] = [
            "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign",
        ], digest: String = "sha256", bits: Int = 2048
    ) async throws {
        directory = try TemporaryDirectory()
        certificatePath = directory.file("ca.pem")
        keyPath = directory.file("ca.key")
        try await Self.make(
            "/DC=org/DC=example/CN=\(name)", by: issuer, days: 3650, extensions: extensions,
            digest: digest, bits: bits, keyPath: keyPath, certificatePath: certificatePath,
            in: directory)
    }

    /// Certifies somebody for a year.
    ///
    /// - Returns: the certificate's path, PEM. The key is beside it, with `.key` behind its name.
    public func issue(
        _ subject: String, extensions: [String] = ["basicConstraints=CA:FALSE"],
        digest: String = "sha256", bits: Int = 2048
    ) async throws -> String {
        let path = directory.file(UUID().uuidString + ".pem")
        try await Self.make(
            subject, by: self, days: 365, extensions: extensions, digest: digest, bits: bits,
            keyPath: path + ".key", certificatePath: path, in: directory)
        return path
    }

    private static func make(
        _ subject: String, by issuer: TestAuthority?, days: Int, extensions: [String],
        digest: String, bits: Int, keyPath: String, certificatePath: String,
        in directory: TemporaryDirectory
    ) async throws {
        let configuration = try directory.write(
            "[req]\ndistinguished_name = empty\nstring_mask = utf8only\n[empty]\n", to: "req.cnf")
        let signer = issuer.map { ["-CA", $0.certificatePath, "-CAkey", $0.keyPath] } ?? []
        try await openssl(
            [
                "req", "-x509", "-config", configuration, "-newkey", "rsa:\(bits)", "-noenc",
                "-utf8", "-\(digest)", "-days", "\(days)", "-subj", subject, "-keyout", keyPath,
                "-out", certificatePath,
            ] + signer + extensions.flatMap { ["-addext", $0] })
    }

    /// Writes a revocation list.
    ///
    /// - Parameters:
    ///   - revoked: paths of certificates.
    ///   - hours: how long it is valid.
    ///   - isDER: DER instead of PEM.
    public func revocationList(
        revoking revoked: [String] = [], hours: Int = 24, isDER: Bool = false
    ) async throws -> String {
        let base = directory.file(UUID().uuidString)
        var index = ""
        for path in revoked {
            let serial = try await Self.openssl(["x509", "-in", path, "-noout", "-serial"])
                .split(separator: "=").last?.trimmingCharacters(in: .whitespacesAndNewlines)
            index += "R\t361231235959Z\t250101000000Z\t\(serial ?? "")\tunknown\t/CN=x\n"
        }
        let configuration = """
            [ca]
            default_ca = test
            [test]
            database = \(base).index
            default_md = sha256
            """
        try Data(index.utf8).write(to: URL(fileURLWithPath: base + ".index"))
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: base + ".cnf"))
        try await Self.openssl([
            "ca", "-gencrl", "-config", base + ".cnf", "-keyfile", keyPath, "-cert",
            certificatePath, "-crlhours", "\(hours)", "-out", base + ".crl",
        ])
        if isDER {
            try await Self.openssl([
                "crl", "-in", base + ".crl", "-outform", "DER", "-out", base + ".crl",
            ])
        }
        return base + ".crl"
    }

    @discardableResult
    private static func openssl(_ arguments: [String]) async throws -> String {
        let (status, output) = try await run("openssl", arguments)
        guard status == 0 else {
            throw NeverHappened(description: "openssl \(arguments.first ?? ""): \(output)")
        }
        return output
    }
}
