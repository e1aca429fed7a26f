// SPDX-License-Identifier: Apache-2.0
import Events

extension ScanReport {
    /// The report for people: what fails first, the worst first, each with how to mend it.
    ///
    /// - Parameter colour: with a terminal's colours.
    public func text(colour: Bool) -> String {
        let style = Style(isOn: colour)
        var lines = [
            verdictLine(style), "  \(image.format), \(image.size) bytes, sha256 \(image.sha256)",
        ]
        if let os { lines.append("  " + (os.prettyName ?? "\(os.id) \(os.version ?? "")")) }
        if let inspector { lines.append("  read by \(inspector.name) \(inspector.version)") }
        lines.append("  judged as of \(time)")
        for severity in Severity.allCases.reversed() {
            let found = checks.filter { $0.severity == severity && !$0.findings.isEmpty }
            guard !found.isEmpty else { continue }
            lines += ["", style.bold(severity.rawValue)]
            lines += found.flatMap { Self.lines($0, style) }
        }
        lines += silent(style)
        if !notes.isEmpty { lines += [""] + notes.map { "note: \($0)" } }
        return lines.map { $0 + "\n" }.joined()
    }

    private func verdictLine(_ style: Style) -> String {
        switch verdict {
        case .accepted: style.green("accepted") + ": \(summary)"
        case .rejected: style.red("rejected") + ": \(summary)"
        }
    }

    private static func lines(_ check: CheckReport, _ style: Style) -> [String] {
        let name = "\(check.name): \(check.title.lowercasedFirst)"
        var lines: [String]
        switch check.outcome {
        case .waived:
            lines = ["  \(style.yellow("waived")) \(name)", "    because: \(check.waiver ?? "")"]
        case .warned: lines = ["  \(style.yellow("warned")) \(name)"]
        case .failed, .passed, .notApplicable: lines = ["  \(style.red("failed")) \(name)"]
        }
        lines += check.findings.prefix(findingsShown).map { finding in
            "    - " + (finding.path.map { "\($0) " } ?? "") + finding.message
        }
        let more = check.findingCount - min(check.findings.count, findingsShown)
        if more > 0 { lines.append("    - and \(more) more") }
        if check.outcome != .waived, let mend = check.mend { lines.append("    to mend: \(mend)") }
        return lines
    }

    /// Findings of one check that people see; all of them are in the JSON form.
    private static let findingsShown = 10

    /// The checks that found nothing.
    private func silent(_ style: Style) -> [String] {
        let passed = checks.filter { $0.outcome == .passed }.map(\.name)
        var lines =
            passed.isEmpty
            ? [] : ["", style.green("passed") + ": " + passed.joined(separator: ", ")]
        let skipped = checks.filter { $0.outcome == .notApplicable }
        if !skipped.isEmpty { lines += ["", "not applicable"] }
        return lines + skipped.map { "  \($0.name): \($0.reason ?? "")" }
    }

    /// Escape sequences of ECMA-48 (SGR), or none.
    private struct Style {
        var isOn: Bool

        func bold(_ text: String) -> String { wrap(text, 1) }
        func red(_ text: String) -> String { wrap(text, 31) }
        func green(_ text: String) -> String { wrap(text, 32) }
        func yellow(_ text: String) -> String { wrap(text, 33) }

        private func wrap(_ text: String, _ code: Int) -> String {
            isOn ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
        }
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
