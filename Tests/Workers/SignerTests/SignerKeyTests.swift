// SPDX-License-Identifier: Apache-2.0
import Foundation
import Pipeline
import Signatures
import TestSupport
import Testing

@testable import SignerWorker

@Suite(.timeLimit(.minutes(2))) struct SignerKeyTests {
    private static let made = Task {
        let certificates = try await TestCertificates()
        return (certificates, try await certificates.endorser("/CN=Endorser"))
    }

    private static func subject(_ values: [String: String]) throws -> String {
        try SignerKey(try SettingValues(SignerConfig.settings, values)).identity.certificate.subject
    }

    /// The settings at fault, and what is said of them.
    private func problems(_ values: [String: String]) -> [String: String] {
        do {
            _ = try Self.subject(values)
            return [:]
        } catch let error as ConfigurationError {
            return Dictionary(
                error.problems.map { ($0.key, $0.reason) }, uniquingKeysWith: { "\($0) \($1)" })
        } catch {
            return ["?": "\(error)"]
        }
    }

    @Test func takesAPairOfFiles() async throws {
        let issued = try await Self.made.value.1
        let folder = try TemporaryDirectory()
        let encrypted = folder.file("key")
        let (status, output) = try await run(
            "openssl",
            [
                "pkcs8", "-topk8", "-in", issued.keyPath, "-out", encrypted, "-passout",
                "pass:s3cret",
            ])
        try #require(status == 0, "\(output)")
        let pair = [
            "signer.key-file": issued.keyPath, "signer.certificate-file": issued.certificatePath,
        ]
        #expect(try Self.subject(pair) == "CN=Endorser")
        var locked = pair
        locked["signer.key-file"] = encrypted
        locked["signer.key-password"] = "s3cret"
        #expect(try Self.subject(locked) == "CN=Endorser")
        locked["signer.key-password"] = "guess-1234"
        #expect(
            problems(locked) == ["signer.key-password": "is not the password of \(encrypted)"])
        locked["signer.key-password"] = nil
        #expect(problems(locked).keys.sorted() == ["signer.key-password"])
        #expect(
            problems(["signer.key-file": issued.keyPath]).keys.sorted()
                == ["signer.certificate-file"])
    }

    @Test func wantsExactlyOneKey() async throws {
        let issued = try await Self.made.value.1
        #expect(
            problems([:]) == [
                "signer.p12-file": "is needed, or signer.key-file, or signer.pkcs11-uri"
            ])
        #expect(
            problems(["signer.p12-file": issued.pkcs12Path, "signer.pkcs11-uri": "pkcs11:token=x"])
                == ["signer.pkcs11-uri": "cannot be given beside signer.p12-file"])
        #expect(
            problems(["signer.p12-file": issued.pkcs12Path, "signer.pkcs11-pin": "4711"])
                == ["signer.pkcs11-pin": "says nothing about signer.p12-file"])
        #expect(
            problems([
                "signer.p12-file": issued.pkcs12Path, "signer.p12-password": issued.password,
                "signer.p12-alias": "nobody",
            ]) == ["signer.p12-alias": "names no key in \(issued.pkcs12Path)"])
        #expect(
            problems(["signer.pkcs11-uri": "pkcs11:token=x?pin-value=4711"])["signer.pkcs11-uri"]?
                .contains("4711") == false)
    }

    /// In a process of its own: the token's module is initialised with the environment.
    @Test(.enabled(if: SoftToken.isUsable)) func takesAKeyOnAToken() async throws {
        let issued = try await Self.made.value.1
        let folder = try TemporaryDirectory()
        let token = try await SoftToken(
            in: folder, keys: [("endorser", issued)], withCertificates: ["endorser"])
        await #expect(processExitsWith: .success) { [token = token as SoftToken] in
            for (name, value) in token.environment { setenv(name, value, 1) }
            let uri = token.uri("endorser")
            do {
                _ = try Self.subject(["signer.pkcs11-uri": uri, "signer.pkcs11-pin": "0000"])
                Issue.record("a wrong PIN was accepted")
            } catch let error as ConfigurationError {
                #expect(error.problems.map(\.key) == ["signer.pkcs11-pin"])
                #expect(!"\(error)".contains("0000"))
            }
            let subject = try Self.subject([
                "signer.pkcs11-uri": uri, "signer.pkcs11-pin": token.pin,
            ])
            #expect(subject == "CN=Endorser")
        }
    }
}
