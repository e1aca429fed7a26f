// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import Pipeline
import Signatures
import StratusLab

/// `imprimatur metadata sign`: what `stratus-sign-metadata` does.
struct MetadataSign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Endorse and sign a metadata document.",
        discussion: """
            Older signatures are removed. Unless --output is given, the signed document takes the \
            place of the input, which is kept as <metadata-file>.orig, in the place of an older \
            one.
            """, version: "imprimatur \(Version.text)")

    @Argument(help: ArgumentHelp("The document to sign.", valueName: "metadata-file"))
    var file: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Signed metadata file (same as input; input moved to *.orig).", valueName: "file"))
    var output: String?

    @OptionGroup var signature: EndorsementOptions
    @OptionGroup var key: EndorserKeyOptions
    @OptionGroup var configuration: UserConfigurationOptions
    @OptionGroup var verbosity: VerbosityOptions

    func run() throws {
        let document = try MetadataFile.document(file)
        let identity = try key.load(configuration)
        verbosity.note("Signing as \(identity.certificate.subject)")
        let signed = try signature.sign(document, by: identity, configuration)
        if let output, !output.isEmpty {
            try MetadataFile.write(signed.bytes, to: output)
            tell(output)
        } else {
            verbosity.note("Renaming input file from \(file) to \(file).orig")
            try MetadataFile.replace(file, with: signed.bytes)
            tell(file)
        }
    }

    private func tell(_ path: String) {
        guard !verbosity.isQuiet else { return }
        Terminal.line("Metadata file successfully signed: \(Terminal.plain(path))")
    }
}
