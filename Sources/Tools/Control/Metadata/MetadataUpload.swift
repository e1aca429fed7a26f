// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Pipeline
import StratusLab

/// `imprimatur metadata upload`: what `stratus-upload-metadata` does.
struct MetadataUpload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload",
        abstract: "Upload signed metadata to a StratusLab marketplace.",
        discussion: """
            The document is published under the URL that is printed. A marketplace may ask the \
            endorser for confirmation by mail first; a note on standard error says so then, and \
            nobody finds the document before that link was followed. Uploading the same document \
            again does no harm.
            """, version: "imprimatur \(Version.text)")

    @Argument(help: ArgumentHelp("The signed metadata document.", valueName: "metadata-file"))
    var file: String

    @OptionGroup var marketplace: MarketplaceOptions
    @OptionGroup var configuration: UserConfigurationOptions
    @OptionGroup var verbosity: VerbosityOptions

    func run() async throws {
        let document = try MetadataFile.document(file)
        guard let entry = MetadataPublication.entry(of: document) else {
            throw CommandFailure(
                .failed, "\(file) is not signed; sign it with `imprimatur metadata sign` first")
        }
        let publication = MetadataPublication(
            marketplace: try marketplace.client(configuration), verbosity: verbosity)
        try await publication.upload(document, as: entry)
    }
}
