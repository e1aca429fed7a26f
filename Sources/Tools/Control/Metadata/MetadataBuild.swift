// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import Pipeline
import Signatures
import StratusLab

/// `imprimatur metadata build`: what `stratus-build-metadata` does.
struct MetadataBuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Write a metadata document for an image file.",
        discussion: """
            The document is written to <os>-<os version>-<arch>-<type>-<image version>.xml in the \
            current directory. Size and digests are those of the uncompressed image.
            """, version: "imprimatur \(Version.text)")

    @Argument(help: ArgumentHelp("The machine or disk image to describe.", valueName: "image"))
    var image: String

    @OptionGroup var description: MetadataDescriptionOptions
    @OptionGroup var digests: MetadataDigestOptions

    @Option(
        help: ArgumentHelp(
            "dcterms:created, as yyyy-MM-ddTHH:mm:ssZ; the current time when not given.",
            valueName: "time"))
    var created: String?

    @Option(help: ArgumentHelp("Days the document is valid, 1 to 3650.", valueName: "days"))
    var validDays = MetadataFields.validDaysDefault

    @Option(name: .shortAndLong, help: ArgumentHelp("Write here instead.", valueName: "file"))
    var output: String?

    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        guard (1...3650).contains(validDays) else {
            throw ValidationError("--valid-days must be 1 to 3650")
        }
    }

    func run() throws {
        var fields = try description.fields()
        let time = try MetadataTime.read(created)
        fields.created = time
        fields.valid = time.adding(days: validDays)
        if fields.locations.isEmpty {
            verbosity.warn(
                "Image physical location (URL) was not provided. "
                    + "You'll have to set it manually in the resulting manifest.")
        }
        let content = try ImageContent(
            path: image, compression: try description.compressionKind())
        fields.compression = content.compression == .none ? "" : content.compression.rawValue
        fields.bytes = content.digests.size
        fields.checksums = try digests.checksums(content.digests)
        fields.identifier = StratusLabIdentifier(sha1: content.digests.sha1)?.text ?? ""
        let document: MetadataDocument
        do {
            document = try MetadataDocument.build(fields)
        } catch {
            throw CommandFailure(.usage, "\(error)")
        }
        let path = output ?? fields.filename
        try MetadataFile.write(document.bytes, to: path)
        if verbosity.isVerbose { Terminal.line("Manifest: \(Terminal.plain(path))") }
    }
}
