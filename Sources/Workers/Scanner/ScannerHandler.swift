// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
public import ImageFile
public import ImageScan
public import Pipeline
import Scanning

/// Reads the image offline and rejects what breaks the security policy.
///
/// The event is not believed: it has to agree with itself and with the store, and we look at the
/// image's structure ourselves before another program opens it. The report is the same for the
/// same event and policy, and is kept whatever it says.
struct ScannerHandler: Handler {
    private let scanner: ImageScanner
    private let recomputes: Bool

    /// - Throws: `ConfigurationError`, also when the inspector does not work.
    init(_ config: ScannerConfig) async throws(ConfigurationError) {
        scanner = try await ImageScanner(config.values)
        recomputes = config.recomputes
        try await scanner.requireInspector(config.values)
    }

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        let fetched = try event.section(Fetched.self)
        let modified = try event.section(Modified.self)
        let waivers = try event.section(ImageRequest.self).waivers ?? []
        do {
            try ModifiedFacts(verified: try event.section(Verified.self), modified: modified)
                .check()
            if let problem = scanner.policy.problem(with: waivers) {
                throw Refusal(problem.rule.rawValue, problem.message, ["field": "waivers"])
            }
            let report = try await report(
                on: modified, waivers: waivers, time: fetched.requestTime, context)
            let blob = try await keep(report, for: event.publication, context.store)
            try check(report, blob, event.publication)
            let section = Scanned(
                blob: modified.blob, report: blob, waived: report.waived,
                tools: report.inspector.map { [$0] } ?? [])
            return .done([try context.emit(.imageScanned, from: event, adding: section)])
        } catch let refusal as Refusal {
            return .reject(refusal.rejection)
        }
    }

    private func report(
        on modified: Modified, waivers: [Waiver], time: Timestamp, _ context: HandlerContext
    ) async throws -> ScanReport {
        // So that an inspection that runs into its limit has had all of it, and is the image's
        // fault.
        let begin = context.deadline - scanner.inspection.limits.timeMax
        let image = StoredImage(
            modified: modified, store: context.store, recomputes: recomputes)
        let readable = try await image.readable(deadline: begin)
        let probed = try await ProbedImage(path: readable.path, limits: scanner.limits)
        try check(probed.report, modified.format)
        guard ContinuousClock.now < begin else {
            throw OutOfTime(
                "scanner.time-max does not fit into what is left of handler.deadline")
        }
        let identity = ScanReport.Image(
            sha256: modified.blob.sha256, size: modified.blob.size,
            format: modified.format.rawValue)
        let report = try await scanner.report(
            on: probed, as: identity, waivers: waivers, time: time)
        return withExtendedLifetime(readable) { report }
    }

    private func check(
        _ report: ImageReport, _ format: ImageRequest.Format
    ) throws(Refusal) {
        guard report.format.rawValue == format.rawValue else {
            throw Refusal(
                "format-mismatch",
                "the event says \(format.rawValue), but the bytes are \(report.format.rawValue)",
                [
                    "field": "modified.format", "expected": format.rawValue,
                    "found": report.format.rawValue,
                ])
        }
        guard let finding = report.findings.first else { return }
        throw Refusal(
            "image-unsafe", "the image is not safe to open: \(finding.message)",
            ["check": finding.rule.rawValue, "format": report.format.rawValue])
    }

    /// In the store, for `imprimatur report`, also when the publication ends here.
    private func keep(
        _ report: ScanReport, for publication: String, _ store: BlobStore
    ) async throws -> BlobReference {
        let blob = try await store.put(try report.json(), for: publication)
        try await store.record(blob, as: ImageScanner.record, for: publication)
        return blob
    }

    private func check(
        _ report: ScanReport, _ blob: BlobReference, _ publication: String
    ) throws(Refusal) {
        guard report.verdict != .accepted else { return }
        let names = report.failed.map(\.name)
        throw Refusal(
            "scan-failed",
            "\(report.summary); all that was found: imprimatur report \(publication)",
            [
                "checks": names.joined(separator: ","), "report": blob.sha256,
                "reportSize": "\(blob.size)",
            ])
    }
}

extension ImageFileError: Disposed {
    public var disposition: Disposition { .transient }
}

extension InspectionError: Disposed {
    public var disposition: Disposition { isTransient ? .transient : .permanent }
}

/// A file of the policy that cannot be read now; its operator is at it.
extension ImageScanError: Disposed {
    public var disposition: Disposition { .transient }
}
