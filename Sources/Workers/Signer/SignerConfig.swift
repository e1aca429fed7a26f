// SPDX-License-Identifier: Apache-2.0
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
