// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import ImageScan

extension Lineage {
    /// The scan's report from the store: about this image, accepting it, and with the very waivers
    /// that the document names.
    ///
    /// - Throws: ``LineageBreach``, or `BlobStoreError` when the store cannot be read now.
    func checkReport(in store: BlobStore) async throws {
        let report: ScanReport
        do {
            report = try ScanReport(
                json: try await store.read(scanned.report, bytesMax: ScanReport.bytesMax))
        } catch let error as BlobStoreError {
            guard !error.isTransient, !error.isFatal else { throw error }
            throw LineageBreach("report-damaged", "the scan's report: \(error)")
        } catch let error as ImageScanError {
            throw LineageBreach("report-damaged", "the scan's report: \(error)")
        }
        try same(
            "report-image", "the image in the scan's report",
            text(BlobReference(sha256: report.image.sha256, size: report.image.size)),
            "the scanned one", text(scanned.blob))
        try same(
            "report-time", "the time in the scan's report", "\(report.time)", "the request's",
            "\(fetched.requestTime)")
        guard report.verdict == .accepted, report.failed.isEmpty else {
            throw LineageBreach(
                "report-rejected", "the scan's report rejects the image: \(report.summary)")
        }
        let waived = report.checks.filter { $0.outcome == .waived }
        guard report.waived == scanned.waived,
            waived.map(\.name) == scanned.waived.map(\.check)
        else {
            throw LineageBreach(
                "report-waivers", "the waivers in the scan's report are not those of the event",
                evidence: [
                    "found": report.waived.map(\.pair).joined(separator: "; "),
                    "expected": scanned.waived.map(\.pair).joined(separator: "; "),
                ])
        }
    }
}
