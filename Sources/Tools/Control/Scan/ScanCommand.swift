// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import ImageFile
import ImageScan
import Pipeline
import Scanning
import Signatures

/// `imprimatur scan`: what the pipeline's scanner will say of an image.
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Check an image against the security policy, without booting it.",
        discussion: """
            Reads the image offline, in a sandbox, compressed or not, and says what the pipeline's \
            scanner will say: which checks fail, what they found, and how to mend it. Checks are \
            judged as the section scanner of the configuration file has it; without a file every \
            built-in check counts.

            Ends with 0 when the image passes, with 4 when a check fails that no --waive covers or \
            when the image cannot be inspected, with 1 when the file is damaged or not the image \
            that --metadata describes, and with 2 when the inspector cannot be used. It is \
            installed with ops/dissect DIR; the setting scanner.python names DIR/bin/python.

            Examples:
              imprimatur scan debian-13.qcow2
              imprimatur scan --waive 'swap=the batch system needs it' wn.qcow2.xz
              imprimatur scan --list-checks
              imprimatur scan --explain empty-password
            """)

    @Argument(help: ArgumentHelp("The image, compressed or not.", valueName: "image"))
    var image: String?

    @Option(help: "The image's format: raw or qcow2; told by the bytes when not given.")
    var format: ImageFormatArgument?

    @Option(
        help: ArgumentHelp(
            "Let a check find something, for a reason; may be repeated.",
            valueName: "check=reason"))
    var waive: [WaiverArgument] = []

    @Option(
        help: ArgumentHelp(
            "Metadata document that the image has to be the one of, size and digests. Whether the "
                + "document is signed, 'imprimatur metadata validate' tells.", valueName: "file"))
    var metadata: String?

    @Option(
        help: ArgumentHelp(
            "Waive a check where the document of --metadata says so, for its reason; may be "
                + "repeated.", valueName: "check"))
    var waivePublished: [String] = []

    @Option(
        help: ArgumentHelp(
            "The time by which ages and ends of support are told, as yyyy-MM-ddTHH:mm:ssZ; now "
                + "when not given.", valueName: "time"))
    var at = "now"

    @Flag(help: "Say what is checked, and end.")
    var listChecks = false

    @Option(
        help: ArgumentHelp(
            "Say what a check finds, why that matters and what to do, and end.",
            valueName: "check"))
    var explain: String?

    @Option(
        help: ArgumentHelp(
            "The Python interpreter with the inspector's modules: the setting scanner.python.",
            valueName: "path"))
    var python: String?

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print only what fails.")
    var quiet = false

    @OptionGroup var file: ConfigurationFileOption

    func validate() throws {
        if image == nil, !listChecks, explain == nil {
            throw ValidationError("Which image? Or give --list-checks or --explain.")
        }
        if !waivePublished.isEmpty, metadata == nil {
            throw ValidationError("--waive-published needs --metadata.")
        }
    }

    func run() async throws {
        let values = try SettingSources(
            flags: python.map { ["scanner.python": $0] } ?? [:], file: file.config
        ).load(ScanSettings.all)
        let scanner = try await ImageScanner(values)
        if listChecks { return try CheckCatalogue(scanner.policy).list(json: json) }
        if let explain { return try CheckCatalogue(scanner.policy).explain(explain, json: json) }
        guard let image else { return }
        let report = try await scan(image, scanner)
        if json {
            Terminal.write(String(decoding: try report.json(), as: UTF8.self), to: 1)
        } else {
            ScanReportText(report: report).print(isQuiet: quiet, colour: Terminal.isInteractive)
        }
        guard report.verdict == .accepted else { throw CommandFailure(.findings) }
    }

    private func scan(_ path: String, _ scanner: ImageScanner) async throws -> ScanReport {
        let time = try MetadataTime.read(at)
        let document = try metadata.map { DocumentImage(document: try MetadataFile.document($0)) }
        let published = document?.waivers.filter { waivePublished.contains($0.check) } ?? []
        let waivers = waive.map(\.waiver) + published
        if let problem = scanner.policy.problem(with: waivers) {
            throw CommandFailure(.usage, Terminal.plain("--waive: \(problem.message)"))
        }
        let local = try await ActivityLine.showing("reading \(path)") {
            try await LocalImage(opening: path, bytesMax: scanner.limits.virtualBytesMax)
        }
        try document?.check(local.image)
        return try await judge(local, scanner, waivers, time)
    }

    private func judge(
        _ local: LocalImage, _ scanner: ImageScanner, _ waivers: [Waiver], _ time: Timestamp
    ) async throws -> ScanReport {
        do {
            let probed = try await ProbedImage(path: local.path, limits: scanner.limits)
            let found = probed.report.format
            if let format, format.rawValue != found.rawValue {
                throw CommandFailure(
                    .failed, "the bytes are \(found.rawValue), not \(format.rawValue)")
            }
            let identity = ScanReport.Image(
                sha256: local.file.sha256, size: local.file.size, format: found.rawValue)
            let report = try await ActivityLine.showing("inspecting") {
                try await scanner.report(
                    on: probed, as: identity, waivers: waivers, time: time)
            }
            return withExtendedLifetime(local) { report }
        } catch let error as ImageFileError {
            throw CommandFailure(.usage, "\(error)")
        } catch let error as ImageScanError {
            throw CommandFailure(.configuration, "\(error)")
        } catch let error as InspectionError {
            throw CommandFailure(
                .unavailable,
                Terminal.plain("\(error)") + "\nInstall it with ops/dissect DIR, and give "
                    + "--python DIR/bin/python or the setting scanner.python.")
        }
    }
}

/// A format that requests may name.
enum ImageFormatArgument: String, CaseIterable, ExpressibleByArgument {
    case raw, qcow2
}

/// `CHECK=REASON`.
struct WaiverArgument: ExpressibleByArgument {
    let waiver: Waiver

    init?(argument: String) {
        let parts = argument.split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        waiver = Waiver(check: String(parts[0]), reason: String(parts[1]))
    }
}
