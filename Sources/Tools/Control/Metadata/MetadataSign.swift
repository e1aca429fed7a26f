// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import Signatures
import StratusLab

/// `imprimatur metadata sign`: what `stratus-sign-metadata` does.
struct MetadataSign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Endorse and sign a metadata document.",
        discussion: """
            Older signatures are removed. Unless --output is given, the signed document takes the \
            place of the input, which is kept as <metadata-file>.orig.
            """)

    @Argument(help: ArgumentHelp("The document to sign.", valueName: "metadata-file"))
    var file: String

    @OptionGroup var key: EndorserKeyOptions

    @Option(
        help: ArgumentHelp(
            "Signed metadata file (same as input; input moved to *.orig).", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Email address if not in the certificate.", valueName: "address"))
    var email: String?

    @Option(
        help: ArgumentHelp(
            "dcterms:created of the endorsement, as yyyy-MM-ddTHH:mm:ssZ, or now.",
            valueName: "time"))
    var created = "now"

    @Option(
        help: ArgumentHelp(
            "stratuslab (rsa-sha1, what StratusLab's verifiers know) or modern (rsa-sha256).",
            valueName: "profile"))
    var profile = SignatureProfile.stratuslab.rawValue

    @Flag(name: [.short, .long], help: "Say who signs, on standard error.")
    var verbose = false

    @Flag(name: [.short, .long], help: "Print nothing.")
    var quiet = false

    func validate() throws {
        guard SignatureProfile(rawValue: profile) != nil else {
            throw ValidationError("--profile must be stratuslab or modern")
        }
    }

    func run() throws {
        let document = try parse()
        let identity = try key.load()
        if verbose { Terminal.note("Signing as \(Terminal.plain(identity.certificate.subject))") }
        let signed: MetadataDocument
        do {
            try identity.certificate.checkValidity(at: Timestamp.now.seconds)
            signed = try document.signed(
                by: identity, profile: SignatureProfile(rawValue: profile) ?? .stratuslab,
                created: try MetadataTime.read(created), email: email)
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure(.failed, "Error signing metadata file: \(error)")
        }
        if let output {
            try MetadataFile.write(signed.bytes, to: output)
        } else {
            try MetadataFile.replace(file, with: signed.bytes)
        }
        if !quiet { Terminal.line("Metadata file successfully signed: \(output ?? file)") }
    }

    private func parse() throws -> MetadataDocument {
        do {
            return try MetadataDocument(parsing: try MetadataFile.read(file))
        } catch let error as StratusLabError {
            throw CommandFailure(.failed, "\(file): \(error)")
        }
    }
}
