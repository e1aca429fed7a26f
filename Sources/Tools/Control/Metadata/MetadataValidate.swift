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

    @Flag(help: "Print one JSON object a line, for each document.")
    var json = false

    func run() throws {
        let documents = try files.map { (file: $0, bytes: try MetadataFile.read($0)) }
        var isValid = true
        for (file, bytes) in documents {
            let report = report(on: bytes, file)
            isValid = isValid && report.valid
            try json ? Terminal.line(JSONLine.text(report)) : print(report)
        }
        guard isValid else { throw CommandFailure(.failed) }
    }

    /// What is found about one document; the names are those of `--json`.
    private struct Report: Encodable {
        var file: String
        var valid: Bool
        var reasons: [String] = []
        var endorser: String?
        var email: String?
        var created: String?
        var profile: String?
        var validUntil: String?
    }

    private func report(on bytes: [UInt8], _ file: String) -> Report {
        let document: MetadataDocument
        do {
            document = try MetadataDocument(parsing: bytes)
        } catch {
            return Report(file: file, valid: false, reasons: ["\(error)"])
        }
        switch document.verdict(allowsSHA1Digest: allowsSHA1Digest) {
        case .valid(let endorsement, _, let profile):
            return Report(
                file: file, valid: true, endorser: endorsement.endorser.subject,
                email: endorsement.endorser.email, created: "\(endorsement.created)",
                profile: profile.rawValue, validUntil: document.fields.valid.map { "\($0)" })
        case .invalid(let findings):
            return Report(file: file, valid: false, reasons: findings.map(\.description))
        }
    }

    private func print(_ report: Report) {
        guard report.valid else {
            Terminal.line("Invalid: \(report.file)")
            for reason in report.reasons { Terminal.line("  " + Terminal.plain(reason)) }
            return
        }
        if !quiet { Terminal.line("Valid: \(report.file)") }
        guard verbose, let endorser = report.endorser, let email = report.email,
            let created = report.created, let profile = report.profile
        else { return }
        let until = report.validUntil.map { ", valid until \($0)" } ?? ""
        Terminal.line(
            Terminal.plain("  signed by \(endorser) <\(email)>, \(created), \(profile)\(until)"))
    }
}
