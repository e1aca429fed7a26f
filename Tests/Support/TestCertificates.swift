// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A certification authority made for one test run, and what it issues: endorsers with PKCS#12
/// files, and servers. Made with the `openssl` command; removed with the last reference.
public final class TestCertificates: Sendable {
    public let directory: TemporaryDirectory
    /// The authority's certificate, PEM.
    public let authorityPath: String

    /// How a PKCS#12 file is encrypted.
    public enum Encryption: Sendable, Hashable, CaseIterable {
        /// RC2-40 for certificates, 3DES for the key, SHA-1 MAC: what files in the field have.
        case rc2
        /// 3DES for both, SHA-1 MAC.
        case tripleDES
        /// AES-256, PBKDF2, SHA-256 MAC: OpenSSL 3's default.
        case aes

        var flags: [String] {
            switch self {
            case .rc2: ["-legacy"]
            case .tripleDES:
                ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]
            case .aes: []
            }
        }
    }

    /// An issued key and certificate.
    public struct Issued: Sendable {
        /// PEM, not encrypted.
        public let keyPath: String
        /// PEM.
        public let certificatePath: String
        /// Its issuer's certificate, PEM: what clients trust it by.
        public let authorityPath: String
        /// Key and certificate.
        public let pkcs12Path: String
        public let password: String
        /// A file that holds the password.
        public let passwordPath: String
        /// Keeps the files as long as they may be used.
        let directory: TemporaryDirectory
    }

    public init() async throws {
        directory = try TemporaryDirectory()
        authorityPath = directory.file("ca.pem")
        try directory.write(Self.configuration(directory.path), to: "ca.cnf")
        try directory.write("", to: "index.txt")
        try directory.write("", to: "index.txt.attr")
        try await openssl([
            "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "3650", "-sha256", "-config",
            directory.file("ca.cnf"), "-subj", "/DC=org/DC=example/CN=Test CA, Root", "-keyout",
            directory.file("ca.key"), "-out", authorityPath,
        ])
    }

    /// Issues a certificate for an endorser.
    ///
    /// - Parameters:
    ///   - subject: as `openssl -subj` takes it, UTF-8, most general attribute first.
    ///   - email: its rfc822Name; none when nil.
    ///   - notBefore: and `notAfter`: `YYYYMMDDHHMMSSZ`.
    ///   - stringMask: OpenSSL's choice of string types in names, such as `MASK:0x0002`.
    public func endorser(
        _ subject: String = "/DC=fr/O=CNRS/OU=IdG, Grilles/CN=Hélène Test",
        email: String? = "endorser@example.org", bits: Int = 2048, password: String = "top secret",
        encryption: Encryption = .rc2, notBefore: String = "20200101000000Z",
        notAfter: String = "20491231235959Z", stringMask: String = "utf8only"
    ) async throws -> Issued {
        let names = email.map { "email:\($0)" }
        return try await issue(
            subject, names: names, bits: bits, password: password, encryption: encryption,
            validity: (notBefore, notAfter), stringMask: stringMask)
    }

    /// Issues a certificate for a TLS server on this machine, by its name and 127.0.0.1.
    public func server(_ name: String = "localhost") async throws -> Issued {
        try await issue(
            "/CN=\(name)", names: "DNS:\(name),IP:127.0.0.1", bits: 2048, password: "server",
            encryption: .aes, validity: ("20200101000000Z", "20491231235959Z"),
            stringMask: "utf8only")
    }

    private func issue(
        _ subject: String, names: String?, bits: Int, password: String, encryption: Encryption,
        validity: (String, String), stringMask: String
    ) async throws -> Issued {
        let name = UUID().uuidString.lowercased()
        let base = directory.file(name)
        let issued = Issued(
            keyPath: base + ".key", certificatePath: base + ".pem",
            authorityPath: authorityPath, pkcs12Path: base + ".p12", password: password,
            passwordPath: try directory.write(password + "\n", to: name + ".password"),
            directory: directory)
        // Each issue has its own configuration and database: several may run at once.
        try directory.write("", to: name + ".index")
        try directory.write("unique_subject = no\n", to: name + ".index.attr")
        try directory.write(
            Self.configuration(
                directory.path, name: name, subjectAltName: names, stringMask: stringMask),
            to: name + ".cnf")
        try await openssl([
            "req", "-new", "-newkey", "rsa:\(bits)", "-noenc", "-utf8", "-config", base + ".cnf",
            "-subj", subject, "-keyout", issued.keyPath, "-out", base + ".csr",
        ])
        try await openssl([
            "ca", "-batch", "-notext", "-preserveDN", "-utf8", "-config",
            base + ".cnf", "-startdate", validity.0, "-enddate", validity.1, "-in", base + ".csr",
            "-out", issued.certificatePath,
        ])
        try await pack(issued, key: issued.keyPath, encryption)
        return issued
    }

    /// Writes the PKCS#12 file of `issued`, with another key or none if asked to.
    ///
    /// - Parameter key: PEM; nil for a file without a key.
    public func pack(_ issued: Issued, key: String?, _ encryption: Encryption) async throws {
        let keyFlags = key.map { ["-inkey", $0] } ?? ["-nokeys"]
        try await openssl(
            [
                "pkcs12", "-export", "-name", "endorser", "-in", issued.certificatePath,
                "-passout", "file:" + issued.passwordPath, "-out", issued.pkcs12Path,
            ] + keyFlags + encryption.flags)
    }

    private func openssl(_ arguments: [String]) async throws {
        // A long key may take its time on a busy machine.
        let (status, output) = try await run("openssl", arguments, timeout: .seconds(180))
        guard status == 0 else {
            throw NeverHappened(description: "openssl \(arguments.first ?? ""): \(output)")
        }
    }

    private static func configuration(
        _ directory: String, name: String = "ca", subjectAltName: String? = nil,
        stringMask: String = "utf8only"
    ) -> String {
        """
        [req]
        distinguished_name = empty
        string_mask = \(stringMask)
        x509_extensions = authority
        [empty]
        [authority]
        basicConstraints = critical, CA:TRUE
        [ca]
        default_ca = test
        [test]
        database = \(directory)/\(name == "ca" ? "index.txt" : name + ".index")
        new_certs_dir = \(directory)
        certificate = \(directory)/ca.pem
        private_key = \(directory)/ca.key
        default_md = sha256
        rand_serial = yes
        policy = any
        email_in_dn = yes
        x509_extensions = issued
        [any]
        commonName = optional
        [issued]
        basicConstraints = CA:FALSE
        \(subjectAltName.map { "subjectAltName = \($0)" } ?? "")

        """
    }
}
