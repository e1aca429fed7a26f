// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BlobStore
import Events
import ImageScan
import Scanning

/// `imprimatur report`: what the pipeline's scanner said.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show what the scanner found in the image of a publication.",
        discussion: """
            The report is kept in the artifact store, of passed and of rejected images. Ends with \
            0 when the image passed, with 4 when it did not, with 1 when there is no report.

            Example:
              imprimatur report 5f9c0ad2-41ab-5a7e-9f3c-0d1c4f6f2b8a --store-path /srv/imprimatur
            """)

    @Argument(
        help: ArgumentHelp(
            "The publication's id, which imprimatur publish prints.", valueName: "publication"))
    var publication: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var file: ConfigurationFileOption

    @Flag(help: "Print the JSON as it is stored.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print only what fails.")
    var quiet = false

    func run() async throws {
        let store = try store.open(config: file.config)
        let id = publication.lowercased()
        guard let blob = try recorded(id, store) else {
            throw CommandFailure(
                .failed,
                Terminal.plain("there is no scan report of the publication '\(publication)'"))
        }
        let bytes = try await store.read(blob, bytesMax: ScanReport.bytesMax)
        let report: ScanReport
        do {
            report = try ScanReport(json: bytes, path: blob.sha256)
        } catch {
            throw CommandFailure(.failed, Terminal.plain("\(error)"))
        }
        if json {
            Terminal.write(String(decoding: bytes, as: UTF8.self), to: 1)
        } else {
            // Without colours: the store's file may be somebody's who would like more escapes.
            ScanReportText(report: report).print(isQuiet: quiet, colour: false)
        }
        guard report.verdict == .accepted else { throw CommandFailure(.findings) }
    }

    private func recorded(_ id: String, _ store: BlobStore) throws -> BlobReference? {
        do throws(BlobStoreError) {
            return try store.recorded(ImageScanner.record, for: id)
        } catch {
            guard case .invalidName = error else { throw error }
            throw CommandFailure(
                .usage, Terminal.plain("'\(publication)' is no publication's id"))
        }
    }
}
