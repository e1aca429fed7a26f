// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BlobStore
import Events

struct StoreVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every blob and compare its digest with its name.",
        discussion: """
            Ends with 1 when a blob is damaged or cannot be read.

            Example:
              imprimatur store verify --store-path /srv/imprimatur --quarantine
            """)

    @OptionGroup var store: StoreOptions
    @OptionGroup var file: ConfigurationFileOption

    @Flag(help: "Move damaged blobs aside, so that they can be fetched again.")
    var quarantine = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let report = try await store.open(config: file.config).verify(quarantine: quarantine)
        let faults = report.findings.map { Fault($0) }
        if json {
            let value = Report(blobs: report.blobs, bytes: report.bytes, findings: faults)
            Terminal.line(try JSONLine.text(value))
        } else {
            for fault in faults {
                Terminal.line(Terminal.plain("\(fault.fault): \(fault.path) \(fault.detail ?? "")"))
            }
            Terminal.line(
                "\(report.blobs) blobs, \(Size.text(report.bytes)), \(faults.count) faults")
        }
        guard faults.isEmpty else { throw CommandFailure(.failed) }
    }

    private struct Report: Encodable {
        var blobs: Int
        var bytes: Int
        var findings: [Fault]
    }

    private struct Fault: Encodable {
        var path: String
        var fault: String
        var detail: String?

        init(_ finding: StoreVerification.Finding) {
            path = finding.path
            switch finding.fault {
            case .damaged(let found): (fault, detail) = ("damaged", found)
            case .unreadable(let reason): (fault, detail) = ("unreadable", reason)
            case .foreign: (fault, detail) = ("foreign", nil)
            }
        }
    }
}
