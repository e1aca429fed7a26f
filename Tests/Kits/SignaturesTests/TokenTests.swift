// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signatures
import TestSupport
import Testing
import XMLDocuments

/// Keys on a PKCS#11 token. Each test has a process of its own: a module is initialised once per
/// process, with the environment of that moment.
@Suite(.enabled(if: SoftToken.isUsable), .timeLimit(.minutes(4))) struct TokenTests {
    private struct Desk: Sendable {
        /// Keeps the token's files.
        let directory: TemporaryDirectory
        let issued: [TestCertificates.Issued]
        let token: SoftToken
    }

    private static let desk = Task {
        let certificates = try await TestCertificates()
        let directory = try TemporaryDirectory()
        let issued = [
            try await certificates.endorser("/CN=on token"),
            try await certificates.endorser("/CN=without certificate"),
            try await certificates.endorser("/CN=short", bits: 1024),
        ]
        let token = try await SoftToken(
            in: directory,
            keys: [("endorser", issued[0]), ("bare", issued[1]), ("short", issued[2])],
            withCertificates: ["endorser", "short"])
        return Desk(directory: directory, issued: issued, token: token)
    }

    /// A token of the test's own, in `folder`.
    private static func token(in folder: TemporaryDirectory) async throws -> SoftToken {
        try await desk.value.token.copy(in: folder)
    }

    private static func use(_ token: SoftToken, _ changes: [String: String] = [:]) {
        for (name, value) in token.environment.merging(changes, uniquingKeysWith: { $1 }) {
            setenv(name, value, 1)
        }
    }

    private static func failure(_ uri: String, pin: String?, certificate: String? = nil) -> String {
        do {
            _ = try SigningIdentity(
                .pkcs11(uri: uri, pin: pin, certificatePath: certificate))
            return "none"
        } catch {
            return "\(error)"
        }
    }

    private static func signed(
        _ identity: SigningIdentity, _ profile: XMLSignatureProfile
    ) throws -> [UInt8] {
        let document = try XMLDocument.parse(Array("<r a=\"1\">Grüße<!-- c --></r>".utf8))
        try XMLSignature.sign(document, by: identity, profile: profile)
        return try document.serialised()
    }

    /// The same key in a file signs with the same bytes.
    @Test func signsAsTheKeyInAFile() async throws {
        let desk = try await Self.desk.value
        let issued = desk.issued[0]
        let folder = try TemporaryDirectory()
        let token = try await Self.token(in: folder)
        let (path, password) = (issued.pkcs12Path, issued.password)
        await #expect(processExitsWith: .success) {
            [token = token as SoftToken, path = path as String, password = password as String] in
            Self.use(token)
            let identity = try SigningIdentity(
                .pkcs11(uri: token.uri("endorser"), pin: token.pin))
            let file = try SigningIdentity(.pkcs12(path: path, password: password))
            #expect(identity.certificate == file.certificate)
            for profile in XMLSignatureProfile.allCases {
                let bytes = try Self.signed(identity, profile)
                #expect(try bytes == Self.signed(file, profile))
                let verdict = XMLSignature.verify(
                    try XMLDocument.parse(bytes), expecting: identity)
                guard case .valid(let certificate, _) = verdict else {
                    Issue.record("\(verdict)")
                    continue
                }
                #expect(certificate == identity.certificate)
            }
        }
    }

    @Test func manyTasksShareIt() async throws {
        let folder = try TemporaryDirectory()
        let token = try await Self.token(in: folder)
        await #expect(processExitsWith: .success) { [token = token as SoftToken] in
            Self.use(token)
            let identity = try SigningIdentity(
                .pkcs11(uri: token.uri("endorser"), pin: token.pin))
            let expected = try Self.signed(identity, .modern)
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<32 { group.addTask { try Self.signed(identity, .modern) } }
                for try await bytes in group { #expect(bytes == expected) }
            }
            // Another key of the same token, later in the same process.
            #expect(
                Self.failure(token.uri("bare"), pin: token.pin) == "there is no certificate")
        }
    }

    @Test func takesTheCertificateFromAFile() async throws {
        let desk = try await Self.desk.value
        let (own, other) = (desk.issued[1].certificatePath, desk.issued[0].certificatePath)
        let folder = try TemporaryDirectory()
        let token = try await Self.token(in: folder)
        let pinFile = try folder.write(token.pin, to: "pin")
        await #expect(processExitsWith: .success) {
            [
                token = token as SoftToken, own = own as String, other = other as String,
                pinFile = pinFile as String
            ] in
            Self.use(token)
            let uri = token.uri("bare")
            let identity = try SigningIdentity(
                .pkcs11(uri: uri, pin: token.pin, certificatePath: own))
            #expect(identity.certificate.subject == "CN=without certificate")
            #expect(
                Self.failure(uri, pin: token.pin, certificate: other)
                    == "the private key belongs to none of the certificates")
            #expect(
                Self.failure(
                    "\(uri)?pin-source=file:\(pinFile)", pin: nil, certificate: own) == "none")
        }
    }

    @Test func tellsWhatIsWrongWithTheToken() async throws {
        let folder = try TemporaryDirectory()
        let token = try await Self.token(in: folder)
        await #expect(processExitsWith: .success) { [token = token as SoftToken] in
            Self.use(token)
            let uri = token.uri("endorser")
            #expect(Self.failure(uri, pin: "9999") == "the token refuses the PIN")
            #expect(
                Self.failure(uri, pin: nil)
                    == "the token cannot be used: it asks for a PIN, and none was given")
            #expect(
                Self.failure("pkcs11:token=absent;object=endorser", pin: token.pin)
                    == "the token cannot be used: no token, or no private key, fits the URI")
            #expect(
                Self.failure(token.uri("nobody"), pin: token.pin)
                    == "the token cannot be used: no private key fits the URI")
            let any = Self.failure("pkcs11:token=\(token.label)", pin: token.pin)
            #expect(any.contains("the URI names 3 private keys"), "\(any)")
            #expect(
                Self.failure(token.uri("short"), pin: token.pin)
                    == "unsupported key: an RSA key of 1024 bits; 2048 to 8192 are accepted")
            // Nothing of that has locked it.
            #expect(Self.failure(uri, pin: token.pin) == "none")
        }
    }

    @Test func tellsThatTheModuleIsMissing() async throws {
        let folder = try TemporaryDirectory()
        let token = try await Self.token(in: folder)
        await #expect(processExitsWith: .success) { [token = token as SoftToken] in
            Self.use(token, ["PKCS11_PROVIDER_MODULE": "/nonexistent.so"])
            let said = Self.failure(token.uri("endorser"), pin: token.pin)
            #expect(said.contains("PKCS11_PROVIDER_MODULE must be the path of one"), "\(said)")
        }
    }

    @Test func tellsThatTheProviderIsMissing() async throws {
        let folder = try TemporaryDirectory()
        let token = try await Self.token(in: folder)
        await #expect(processExitsWith: .success) { [token = token as SoftToken] in
            Self.use(token, ["OPENSSL_MODULES": "/nonexistent"])
            let said = Self.failure(token.uri("endorser"), pin: token.pin)
            #expect(said.contains("OpenSSL has no provider 'pkcs11'"), "\(said)")
        }
    }

    @Test(arguments: [
        ("http://x", "it must begin with pkcs11:"),
        ("pkcs11:", "which token"),
        ("pkcs11:object=key", "which token"),
        ("pkcs11:token=a b", "must be escaped"),
        ("pkcs11:token=é", "must be escaped"),
        ("pkcs11:token=a%zz", "wrong %-escape"),
        ("pkcs11:token=a%2", "wrong %-escape"),
        ("pkcs11:token=a;type=cert", "must name a private key"),
        ("pkcs11:token=a;token=b", "appears twice"),
        ("pkcs11:token=a;colour=red", "unknown attribute 'colour'"),
        ("pkcs11:token=a;object", "without a value"),
        ("pkcs11:token=a?pin-value=hush", "could be read by others"),
        ("pkcs11:token=a?module-path=/x.so", "PKCS11_PROVIDER_MODULE"),
        ("pkcs11:token=a?x=y", "unknown attribute in its query"),
        ("pkcs11:token=" + String(repeating: "a", count: 3000), "longer than"),
    ])
    func refusesURIs(_ uri: String, _ reason: String) {
        let said = Self.failure(uri, pin: "hush")
        #expect(said.hasPrefix("not a usable PKCS#11 URI: ") && said.contains(reason), "\(said)")
        #expect(!said.contains("hush"))
    }
}
