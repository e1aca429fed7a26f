// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import Signatures
import StratusLab

/// How a document is endorsed and signed.
struct EndorsementOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Email address if not in the certificate.", valueName: "address"))
    var email: String?

    @Option(
        help: ArgumentHelp(
            "dcterms:created of the endorsement, as yyyy-MM-ddTHH:mm:ssZ, or now.",
            valueName: "time"))
    var created = "now"

    @OptionGroup var profile: SignatureProfileOption

    func sign(
        _ document: MetadataDocument, by identity: SigningIdentity,
        _ configuration: UserConfigurationOptions
    ) throws -> MetadataDocument {
        try Self.sign(
            document, by: identity, profile: profile.value, created: MetadataTime.read(created),
            email: email ?? configuration.configured("email"))
    }

    /// - Parameter email: the endorser's address when the certificate has none.
    static func sign(
        _ document: MetadataDocument, by identity: SigningIdentity, profile: SignatureProfile,
        created: Timestamp, email: String?
    ) throws -> MetadataDocument {
        do {
            try identity.certificate.checkValidity(at: Timestamp.now.seconds)
            return try document.signed(
                by: identity, profile: profile, created: created, email: email)
        } catch {
            throw CommandFailure(
                .failed, "Error signing metadata file: \(Terminal.plain("\(error)"))")
        }
    }
}

struct SignatureProfileOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "stratuslab (rsa-sha1, what StratusLab's verifiers know) or modern (rsa-sha256).",
            valueName: "profile"))
    var profile = SignatureProfile.stratuslab.rawValue

    var value: SignatureProfile { SignatureProfile(rawValue: profile) ?? .stratuslab }

    func validate() throws {
        guard SignatureProfile(rawValue: profile) != nil else {
            throw ValidationError("--profile must be stratuslab or modern")
        }
    }
}
