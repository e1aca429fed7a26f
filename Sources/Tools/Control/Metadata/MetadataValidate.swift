// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import Signatures
import StratusLab

/// `imprimatur metadata validate`: what `stratus-validate-metadata` does.
struct MetadataValidate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check the signature and the content of metadata documents.",
        discussion: """
            Prints "Valid: FILE", or "Invalid: FILE" and the reasons, for each file. Ends with 0 \
            when all are valid, with 1 when one is not.
            """)

    @Argument(help: ArgumentHelp("Signed metadata documents.", valueName: "metadata-file"))
    var files: [String]

    @Flag(
        name: .customLong("allow-sha1-digest"),
        help: "Accept SHA-1 digests of the document, which StratusLab's own tool wrote.")
    var allowsSHA1Digest = false

    @Flag(name: [.short, .long], help: "Say who signed, and until when the document is valid.")
    var verbose = false

    @Flag(name: [.short, .long], help: "Print nothing for valid documents.")
    var quiet = false

    func run() throws {
        let documents = try files.map { (file: $0, bytes: try MetadataFile.read($0)) }
        var isValid = true
        for (file, bytes) in documents where !validate(bytes, file) { isValid = false }
        guard isValid else { throw CommandFailure(.failed) }
    }

    private func validate(_ bytes: [UInt8], _ file: String) -> Bool {
        let document: MetadataDocument
        do {
            document = try MetadataDocument(parsing: bytes)
        } catch {
            return invalid(file, ["\(error)"])
        }
        switch document.verdict(allowsSHA1Digest: allowsSHA1Digest) {
        case .valid(let endorsement, _, let profile):
            if !quiet { Terminal.line("Valid: \(file)") }
            guard verbose else { return true }
            let valid = document.fields.valid.map { ", valid until \($0)" } ?? ""
            Terminal.line(
                Terminal.plain(
                    "  signed by \(endorsement.endorser.subject) <\(endorsement.endorser.email)>, "
                        + "\(endorsement.created), \(profile.rawValue)\(valid)"))
            return true
        case .invalid(let findings):
            return invalid(file, findings.map(\.description))
        }
    }

    private func invalid(_ file: String, _ reasons: [String]) -> Bool {
        Terminal.line("Invalid: \(file)")
        for reason in reasons { Terminal.line("  " + Terminal.plain(reason)) }
        return false
    }
}
