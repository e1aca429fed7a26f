// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import Pipeline
import Signatures
import StratusLab

/// `imprimatur metadata deprecate`: what `stratus-deprecate-metadata` does.
struct MetadataDeprecate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deprecate",
        abstract: "Publish that an image should not be used any more.",
        discussion: """
            Takes the endorser's newest entry for the image from the marketplace, or the document \
            in --file, checks it, writes the reason into it, signs it anew and uploads it, or \
            writes it to --output. Prints the new entry's URL.

            Only the endorser can do that, with the key that signed the entry. After a renewal of \
            the certificate, --ca says whom to believe that the former one was the endorser's too.

            Example:
              imprimatur metadata deprecate --p12-cert endorser.p12 --reason 'CVE-2026-1234' \\
                --marketplace-endpoint https://marketplace.example.org LHfKVPoHcv4oMirHU0KuOQc-TvI
            """, version: "imprimatur \(Version.text)")

    @Argument(
        help: ArgumentHelp("The image's identifier, 27 characters.", valueName: "image-id"))
    var identifier: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Email address of the entry's endorser; the certificate's when not given.",
            valueName: "address"))
    var email: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Date of the entry to deprecate; the newest when not given.", valueName: "time"))
    var created: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Why the image should not be used.", valueName: "text"))
    var reason = "This image has been deprecated"

    @Option(
        help: ArgumentHelp(
            "The signed document to deprecate, instead of the marketplace's.",
            valueName: "file"))
    var file: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the document here and upload nothing.", valueName: "file"))
    var output: String?

    @OptionGroup var profile: SignatureProfileOption
    @OptionGroup var key: EndorserKeyOptions
    @OptionGroup var authorities: AuthorityOptions
    @OptionGroup var marketplace: MarketplaceOptions
    @OptionGroup var configuration: UserConfigurationOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        guard identifier != nil || file != nil else {
            throw ValidationError("Please specify an image ID")
        }
        if let identifier, StratusLabIdentifier(identifier) == nil {
            throw ValidationError("an image ID has 27 characters A-Z a-z 0-9 - _")
        }
        guard file == nil || created == nil else {
            throw ValidationError("--file and --created exclude each other")
        }
        guard !reason.isEmpty else { throw ValidationError("--reason must not be empty") }
    }

    func run() async throws {
        let anchors = try authorities.anchors()
        let identity = try key.load(configuration)
        let given = try email ?? configuration.configured("email")
        guard let email = identity.certificate.email ?? given, !email.isEmpty else {
            throw CommandFailure(
                .usage, "Missing email address. Please provide email of endorser")
        }
        let found = try await document(email: given ?? email)
        let endorsement = try Endorsed(found, identifier: identifier)
            .check(by: identity.certificate, email: email, anchors)
        // A marketplace wants a later date than the entry's.
        let time = max(.now, Timestamp(seconds: endorsement.created.seconds + 1))
        let signed = try EndorsementOptions.sign(
            try deprecated(found, at: time), by: identity, profile: profile.value, created: time,
            email: email)
        try await deliver(signed)
    }

    private func document(email: String) async throws -> MetadataDocument {
        if let file { return try MetadataFile.document(file) }
        let market = try marketplace.client(configuration)
        do {
            guard let entry = try await entry(in: market, email: email),
                let bytes = try await market.lookup(entry)
            else {
                throw CommandFailure(
                    .failed,
                    "the marketplace has no entry for \(identifier ?? "") by "
                        + Terminal.plain(email))
            }
            verbosity.note("Deprecating \(market.location(of: entry))")
            return try MetadataDocument(parsing: bytes)
        } catch let error as MarketplaceError {
            throw CommandFailure(.unavailable, "Failed to download: \(error)")
        } catch let error as StratusLabError {
            throw CommandFailure(.failed, "the entry is invalid: \(Terminal.plain("\(error)"))")
        }
    }

    private func entry(
        in market: MarketplaceClient, email: String
    ) async throws -> MarketplaceEntry? {
        guard let identifier = identifier.flatMap({ StratusLabIdentifier($0) }) else { return nil }
        if let created, !created.isEmpty {
            return MarketplaceEntry(
                identifier: identifier.text, email: email,
                created: try MetadataTime.read(created).description)
        }
        return try await market.newest(identifier: identifier, email: email)
    }

    private func deprecated(
        _ document: MetadataDocument, at time: Timestamp
    ) throws -> MetadataDocument {
        if let known = document.fields.deprecated, !known.isEmpty {
            throw CommandFailure(
                .failed, "the image is deprecated already: \(Terminal.plain(known))")
        }
        let published = BlobReference(
            sha256: Digest.hex(Digest.sha256(document.bytes)), size: document.bytes.count)
        let revision = DocumentRevision(
            change: .withdrawn, published: published, identifier: document.identifier,
            requestTime: time, reason: reason)
        if let problem = revision.problems().first {
            throw CommandFailure(.usage, "--\(problem.field): \(problem.reason)")
        }
        do {
            return try document.revised(revision)
        } catch {
            throw CommandFailure(.failed, Terminal.plain("\(error)"))
        }
    }

    private func deliver(_ document: MetadataDocument) async throws {
        if let output {
            try MetadataFile.write(document.bytes, to: output)
            guard !verbosity.isQuiet else { return }
            Terminal.line("Metadata file successfully signed: \(Terminal.plain(output))")
        } else if let entry = MetadataPublication.entry(of: document) {
            let market = try marketplace.client(configuration)
            try await MetadataPublication(marketplace: market, verbosity: verbosity)
                .upload(document, as: entry)
        }
    }
}

/// A document that its endorser wants to change.
private struct Endorsed {
    let document: MetadataDocument

    init(_ document: MetadataDocument, identifier: String?) throws {
        guard identifier == nil || identifier == document.identifier else {
            throw CommandFailure(
                .failed, "the document describes \(Terminal.plain(document.identifier))")
        }
        self.document = document
    }

    /// Its endorsement, when it is valid and `certificate`'s owner made it.
    func check(
        by certificate: Certificate, email: String, _ anchors: TrustAnchors?
    ) throws -> MetadataEndorsement {
        switch document.verdict(allowsSHA1Digest: true) {
        case .invalid(let findings):
            let reasons = findings.map { "\n  " + Terminal.plain("\($0)") }.joined()
            throw CommandFailure(.failed, "the document to deprecate is invalid:" + reasons)
        case .valid(let endorsement, let signer, _):
            let endorser = endorsement.endorser
            guard endorser.subject == certificate.subject, endorser.email == email else {
                throw CommandFailure(
                    .failed,
                    Terminal.plain(
                        "only its endorser can deprecate the document: \(endorser.subject) "
                            + "<\(endorser.email)>, not \(certificate.subject) <\(email)>"))
            }
            if signer != certificate { try check(former: signer, endorsement, anchors) }
            return endorsement
        }
    }

    /// Anybody can make a certificate of any name.
    private func check(
        former: Certificate, _ endorsement: MetadataEndorsement, _ anchors: TrustAnchors?
    ) throws {
        guard let anchors else {
            throw CommandFailure(
                .failed,
                "another certificate of the same name signed the document; name the authority "
                    + "that issued it with --ca")
        }
        let trust = EndorserTrust(anchors: anchors, endorsers: nil)
        if case .untrusted(let reason) = trust.verdict(on: former, at: endorsement.created) {
            throw CommandFailure(
                .failed, Terminal.plain("the document's endorser is not trusted: \(reason)"))
        }
    }
}
