// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Pipeline
import Testing

@testable import VerifierWorker

@Suite struct VerifierConfigTests {
    @Test func strongDigestsAndNamedWeakOnesByDefault() throws {
        let config = try VerifierConfig(try SettingValues(VerifierConfig.settings, [:]))
        #expect(config.policy == DigestPolicy(accepted: [.sha256, .sha512], allowsWeak: true))
        #expect(config.recomputes)
    }

    @Test(arguments: ["md5", "sha256,sha1", "sha3", "sha256,whirlpool"])
    func onlyStrongDigestsCanBeAccepted(list: String) throws {
        let values = try SettingValues(
            VerifierConfig.settings, ["verifier.accepted-digests": list])
        let error = #expect(throws: ConfigurationError.self) { try VerifierConfig(values) }
        #expect(error?.problems.map(\.key) == ["verifier.accepted-digests"])
    }

    @Test(arguments: [
        "keys.gpg", "=keys.gpg", "http://h=keys.gpg", "h=/nowhere/keys.gpg", "h=/etc/passwd",
        "h=PRIVATE",
    ])
    func keyFilesAreReadAtTheStart(entry: String) async throws {
        let key = try await KeyRoom.shared.value.privateKey(.eve)
        let text = entry.replacingOccurrences(of: "PRIVATE", with: key)
        let values = try SettingValues(VerifierConfig.settings, ["verifier.keyrings": text])
        let error = #expect(throws: ConfigurationError.self) { try VerifierConfig(values) }
        #expect(error?.problems.map(\.key) == ["verifier.keyrings"])
        #expect(entry != "h=PRIVATE" || "\(error as Any)".contains("private key"))
    }

    @Test func sourcesThatNeedASignatureHaveAForm() throws {
        let values = try SettingValues(
            VerifierConfig.settings, ["verifier.require-signature": "https://example.org/"])
        let error = #expect(throws: ConfigurationError.self) { try VerifierConfig(values) }
        #expect(error?.problems.map(\.key) == ["verifier.require-signature"])
    }
}
