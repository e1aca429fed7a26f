// SPDX-License-Identifier: Apache-2.0

/// A self-signed certificate for `localhost` and 127.0.0.1, made by the openssl command.
public final class TestCertificate: Sendable {
    /// PEM; also what clients trust it by.
    public let certificatePath: String
    public let keyPath: String
    private let directory: TemporaryDirectory

    public init() async throws {
        directory = try TemporaryDirectory()
        certificatePath = directory.file("certificate.pem")
        keyPath = directory.file("key.pem")
        let result = try await run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", keyPath, "-out",
                certificatePath,
            ])
        guard result.status == 0 else { throw NeverHappened(description: result.output) }
    }
}
