// SPDX-License-Identifier: Apache-2.0
import Events
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
}
