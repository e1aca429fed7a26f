// SPDX-License-Identifier: Apache-2.0
import Attestation
import Events
import Pipeline
import Signatures

/// What the signer can be told. Reading it loads the endorser's key.
struct SignerConfig: WorkerConfiguration {
    let identity: SigningIdentity
    let profile: SignatureProfile
    /// For certificates without an e-mail address.
    let email: String?
    /// Compute the image's digests from the store once more before signing, of its uncompressed
    /// form too.
    let verifiesBlob: Bool
    /// The endorser's certificates, by ``Signatures/Certificate/sha256``: whose documents may be
    /// withdrawn and renewed.
    let certificates: Set<String>
    /// Whose attestations an image needs; nil to take the event's word.
    let attestationKeys: AttestationKeys?

    static let settings: [Setting] =
        SignerKey.settings + [
            Setting(
                "signer.profile", .choice(SignatureProfile.allCases.map(\.rawValue)),
                default: SignatureProfile.stratuslab.rawValue,
                help: "stratuslab signs with rsa-sha1, the only RSA signature that StratusLab's"
                    + " verifiers know; modern with rsa-sha256."),
            Setting(
                "signer.email", .text,
                help: "The endorser's address when the certificate names none."),
            Setting(
                "signer.verify-blob", .flag, default: "true",
                help: "Compute the image's digests from the store once more before signing, of its"
                    + " uncompressed form too. Without it the signature rests on the event's word."),
            Setting(
                "signer.previous-certificates", .list,
                help:
                    "PEM files of the endorser's earlier certificates, of the same name and e-mail"
                    + " address: documents signed with them can be withdrawn and renewed."),
            Setting(
                "signer.attestation-keys", .path,
                help: "Directory with the stages' public Ed25519 keys, <stage>.pub, such as"
                    + " verifier.pub: PEM, several keys in a file while one takes the place of"
                    + " another. Only what fetcher, verifier, modifier, scanner and metadata have"
                    + " attested with them is signed."),
            Setting(
                "signer.require-attestations", .flag, default: "true",
                help: "Sign only what every stage has attested. Without it, whoever can publish to"
                    + " the broker can say for the stages that an image was verified and scanned."),
        ]

    init(_ values: SettingValues) throws(ConfigurationError) {
        identity = try SignerKey(values).identity
        email = values.string("signer.email")
        guard identity.certificate.email != nil || email != nil else {
            throw values.problem("signer.email", "is needed: the certificate names no address")
        }
        let profile = try values.require("signer.profile")
        self.profile = SignatureProfile(rawValue: profile) ?? .stratuslab
        verifiesBlob = values.flag("signer.verify-blob")
        certificates = try Self.certificates(values, current: identity.certificate)
        attestationKeys = try Self.attestationKeys(values)
    }

    private static func attestationKeys(
        _ values: SettingValues
    ) throws(ConfigurationError) -> AttestationKeys? {
        let key = "signer.attestation-keys"
        guard values.flag("signer.require-attestations") else { return nil }
        guard let directory = values.string(key) else {
            throw values.problem(
                key,
                "is needed: the directory of the stages' public keys (see imprimatur"
                    + " provenance --help); or set signer.require-attestations to false, and"
                    + " everybody with access to the broker is believed")
        }
        do {
            return try AttestationKeys(directory: directory)
        } catch {
            throw values.problem(key, "\(error)")
        }
    }

    private static func certificates(
        _ values: SettingValues, current: Certificate
    ) throws(ConfigurationError) -> Set<String> {
        let key = "signer.previous-certificates"
        var certificates: Set = [current.sha256]
        for path in values.list(key) {
            let found: [Certificate]
            do {
                found = try Certificate.read(pemPath: path)
            } catch {
                throw values.problem(key, "\(error)")
            }
            if let other = found.first(where: { $0.subject != current.subject }) {
                throw values.problem(key, "\(path) is of somebody else, \(other.subject)")
            }
            certificates.formUnion(found.map(\.sha256))
        }
        return certificates
    }
}
