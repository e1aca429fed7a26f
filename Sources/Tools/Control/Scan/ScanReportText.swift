// SPDX-License-Identifier: Apache-2.0
import ImageScan

/// A report as people read it.
struct ScanReportText {
    let report: ScanReport

    /// - Parameters:
    ///   - isQuiet: only why the image does not pass; nothing when it does.
    ///   - colour: with a terminal's colours, for a report of our own making only.
    func print(isQuiet: Bool, colour: Bool) {
        if isQuiet {
            for line in reasons { Terminal.line(Terminal.plain(line)) }
        } else if colour {
            Terminal.write(report.text(colour: true), to: 1)
        } else {
            let lines = report.text(colour: false).split(
                separator: "\n", omittingEmptySubsequences: false)
            for line in lines.dropLast() { Terminal.line(Terminal.plain(String(line))) }
        }
    }

    private var reasons: [String] {
        guard report.verdict == .rejected else { return [] }
        return [report.summary]
            + report.failed.flatMap { check in
                check.findings.map { finding in
                    "  \(check.name): " + (finding.path.map { "\($0) " } ?? "") + finding.message
                }
            }
    }
}
