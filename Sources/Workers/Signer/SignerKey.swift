// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline
import Signatures

/// Which key signs: exactly one of a PKCS#12 file, a pair of PEM files and a key on a token.
struct SignerKey {
    let identity: SigningIdentity

    static let settings: [Setting] = [
        Setting(
            "signer.p12-file", .path,
            help: "PKCS#12 file with the endorser's RSA key and certificate. Give this, or"
                + " signer.key-file, or signer.pkcs11-uri."),
        Setting("signer.p12-password", .secret, help: "The password of signer.p12-file."),
        Setting(
            "signer.p12-alias", .text,
            help: "Which key of signer.p12-file to take when it holds several: its alias"
                + " (friendlyName). Without it the last is taken, as StratusLab's tool does."),
        Setting(
            "signer.key-file", .path,
            help: "The endorser's RSA key in PEM, with its certificate in"
                + " signer.certificate-file."),
        Setting(
            "signer.key-password", .secret,
            help: "The password of signer.key-file when it is encrypted."),
        Setting(
            "signer.certificate-file", .path,
            help: "The endorser's certificate in PEM, for signer.key-file, and for"
                + " signer.pkcs11-uri when the token holds no certificate."),
        Setting(
            "signer.pkcs11-uri", .text,
            help: "The endorser's RSA key on a token, by its PKCS#11 URI (RFC 7512). Needs"
                + " OpenSSL's provider pkcs11; the environment variable PKCS11_PROVIDER_MODULE"
                + " holds the path of the token's module."),
        Setting("signer.pkcs11-pin", .secret, help: "The user's PIN of that token."),
    ]

    private static let choices = ["signer.p12-file", "signer.key-file", "signer.pkcs11-uri"]
    /// What each choice may have beside it.
    private static let companions = [
        "signer.p12-file": ["signer.p12-password", "signer.p12-alias"],
        "signer.key-file": ["signer.key-password", "signer.certificate-file"],
        "signer.pkcs11-uri": ["signer.pkcs11-pin", "signer.certificate-file"],
    ]

    init(_ values: SettingValues) throws(ConfigurationError) {
        let choice = try Self.choice(values)
        let source = try Self.source(choice, values)
        do {
            identity = try SigningIdentity(source)
            try identity.certificate.checkValidity(at: Timestamp.now.seconds)
        } catch {
            throw Self.problem(error, choice, source, values)
        }
    }

    private static func choice(_ values: SettingValues) throws(ConfigurationError) -> String {
        let given = choices.filter { values.string($0) != nil }
        guard let choice = given.first else {
            throw values.problem(
                "signer.p12-file", "is needed, or signer.key-file, or signer.pkcs11-uri")
        }
        guard given.count == 1 else {
            throw values.problem(given[1], "cannot be given beside \(choice)")
        }
        for key in settings.map(\.key)
        where key != choice && values.origin(key) != nil
            && companions[choice]?.contains(key) != true
        {
            throw values.problem(key, "says nothing about \(choice)")
        }
        return choice
    }

    private static func source(
        _ choice: String, _ values: SettingValues
    ) throws(ConfigurationError) -> SigningKeySource {
        let place = try values.require(choice)
        switch choice {
        case "signer.p12-file":
            return .pkcs12(
                path: place, password: values.secret("signer.p12-password") ?? "",
                alias: values.string("signer.p12-alias"))
        case "signer.key-file":
            return .pem(
                certificatePath: try values.require("signer.certificate-file"), keyPath: place,
                password: values.secret("signer.key-password"))
        default:
            return .pkcs11(
                uri: place, pin: values.secret("signer.pkcs11-pin"),
                certificatePath: values.string("signer.certificate-file"))
        }
    }

    private static func problem(
        _ error: SignaturesError, _ choice: String, _ source: SigningKeySource,
        _ values: SettingValues
    ) -> ConfigurationError {
        switch error {
        case .wrongPassword:
            values.problem("signer.p12-password", "is not the password of \(source)")
        case .noSuchAlias:
            values.problem("signer.p12-alias", "names no key in \(source)")
        case .wrongKeyPassword:
            values.problem("signer.key-password", "is not the password of \(source)")
        case .wrongPIN:
            values.problem("signer.pkcs11-pin", "is refused by the token")
        default:
            values.problem(choice, "\(error)")
        }
    }
}
