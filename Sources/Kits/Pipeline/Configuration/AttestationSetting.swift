// SPDX-License-Identifier: Apache-2.0
import Attestation
import Events
import Logging

/// The key with which a worker attests what its stage adds to events.
enum AttestationSetting {
    static let keys = Setting(
        "attestation.keys", .path,
        help: "Directory with this worker's Ed25519 key, <stage>.key, such as verifier.key: PEM,"
            + " not readable for everybody. What fetcher, verifier, modifier, scanner and metadata"
            + " add to an event is signed with it. Without one nothing is attested, and a signer"
            + " that requires attestations refuses the image.")

    /// Nil for a stage that does not attest, and, with a warning, for one without a key.
    static func attestor(
        _ stage: Stage, _ values: SettingValues, _ logger: Logger
    ) throws(ConfigurationError) -> Attestor? {
        guard AttestedWay.allStages.contains(stage) else { return nil }
        guard let directory = values.string(keys.key) else {
            logger.warning(
                """
                nothing is attested: attestation.keys is not set; the signer refuses such images \
                unless signer.require-attestations is false
                """)
            return nil
        }
        do throws(AttestationError) {
            return try Attestor(stage: stage, keyDirectory: directory, version: Version.text)
        } catch {
            throw values.problem(keys.key, "\(error)")
        }
    }
}
