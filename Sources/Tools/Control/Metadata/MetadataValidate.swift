// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import Pipeline
import Signatures
import StratusLab

/// `imprimatur metadata validate`: what `stratus-validate-metadata` does.
struct MetadataValidate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check the signature, the content and the endorser of metadata documents.",
        discussion: """
            Prints "Valid: FILE", or "Invalid: FILE" and the reasons, for each file. A listing of a \
            marketplace is taken apart and each of its documents checked.

            Anybody can sign; --ca says whose endorsers to believe. Without it the answer for an \
            intact document is "signature intact, endorser not checked" and the end is 3. Ends \
            with 0 when all documents are valid and their endorsers trusted, with 1 when one is \
            not. With --signature-only nobody asks for the endorser, and valid is what is intact.

            Example:
              imprimatur metadata validate --ca /etc/grid-security/certificates \\
                --endorser-list endorsers.txt cirros-0.3.4-x86_64-base-.xml
            """, version: "imprimatur \(Version.text)")

    @Argument(help: ArgumentHelp("Signed metadata documents.", valueName: "metadata-file"))
    var files: [String]

    @OptionGroup var trust: TrustOptions

    @Option(
        help: ArgumentHelp(
            "The time for which to judge certificates and the document's age, as "
                + "yyyy-MM-ddTHH:mm:ssZ; now when not given.", valueName: "time"))
    var at = "now"

    @Flag(
        name: .customLong("allow-sha1-digest"),
        help: "Accept SHA-1 digests of the document, which StratusLab's own tool wrote.")
    var allowsSHA1Digest = false

    @OptionGroup var verbosity: VerbosityOptions

    @Flag(help: "Print one JSON object a line, for each document.")
    var json = false

    func run() throws {
        let time = try MetadataTime.read(at)
        let believed = try trust.load()
        let contents = try files.map {
            ($0, try MetadataFile.read($0, bytesMax: MetadataDocument.listingBytesMax))
        }
        var isValid = true
        var isChecked = true
        for (file, bytes) in contents {
            let reports = reports(on: bytes, file, believed, at: time)
            isValid = isValid && reports.allSatisfy(\.valid)
            isChecked = isChecked && reports.allSatisfy { $0.trust != .notChecked }
            if json {
                for report in reports { Terminal.line(try JSONLine.text(report)) }
            } else {
                ValidationText(verbosity: verbosity, isTrustAsked: !trust.signatureOnly)
                    .print(reports, file)
            }
        }
        guard isValid else { throw CommandFailure(.failed) }
        guard isChecked || trust.signatureOnly else { throw CommandFailure(.unchecked) }
    }

    /// One for each document of the file.
    private func reports(
        on bytes: [UInt8], _ file: String, _ believed: EndorserTrust, at time: Timestamp
    ) -> [ValidationReport] {
        let found: [UnwrappedMetadata]
        do {
            found = try MetadataDocument.unwrapping(bytes)
        } catch {
            var report = ValidationReport(file: file)
            report.add([MetadataFinding(error)])
            return [report]
        }
        return found.enumerated().map { index, wrapped in
            var report = ValidationReport(file: file)
            if wrapped.wasWrapped {
                report.document = index + 1
                report.documents = found.count
            }
            judge(wrapped, believed, at: time, &report)
            return report
        }
    }

    private func judge(
        _ wrapped: UnwrappedMetadata, _ believed: EndorserTrust, at time: Timestamp,
        _ report: inout ValidationReport
    ) {
        let document: MetadataDocument
        do {
            document = try MetadataDocument(parsing: wrapped.bytes)
        } catch {
            report.add([MetadataFinding(error)], firstLine: wrapped.line)
            return
        }
        report.describe(document, at: time)
        switch document.verdict(allowsSHA1Digest: allowsSHA1Digest) {
        case .valid(let endorsement, let certificate, let profile):
            report.describe(endorsement, certificate, profile)
            report.add(believed.verdict(on: certificate, at: time))
        case .invalid(let findings):
            report.add(findings, firstLine: wrapped.line)
        }
    }
}
