// SPDX-License-Identifier: Apache-2.0
import Events

extension ScanReport {
    /// The report for people: what fails first, the worst first, each with how to mend it.
    ///
    /// Nothing in it moves a terminal's cursor, whoever wrote the report.
    ///
    /// - Parameter colour: with a terminal's colours.
    public func text(colour: Bool) -> String {
        var lines = [
            Line(verdict.rawValue, verdict == .accepted ? .green : .red, ": \(summary)"),
            Line(indent: 2, "\(image.format), \(image.size) bytes, sha256 \(image.sha256)"),
        ]
        if let os {
            lines.append(Line(indent: 2, os.prettyName ?? "\(os.id) \(os.version ?? "")"))
        }
        if let inspector {
            lines.append(Line(indent: 2, "read by \(inspector.name) \(inspector.version)"))
        }
        lines.append(Line(indent: 2, "judged as of \(time)"))
        for severity in Severity.allCases.reversed() {
            let found = checks.filter { $0.severity == severity && !$0.findings.isEmpty }
            if !found.isEmpty { lines += [.empty, Line(severity.rawValue, .bold, "")] }
            lines += found.flatMap(Self.lines)
        }
        lines += silentLines
        if !notes.isEmpty { lines += [.empty] + notes.map { Line("note: \($0)") } }
        return lines.map { $0.text(colour: colour) + "\n" }.joined()
    }

    /// Findings of one check that people see; more of them are in the JSON form.
    private static let findingsShown = 10

    private static func lines(_ check: CheckReport) -> [Line] {
        let (word, style): (String, Line.Style) =
            switch check.outcome {
            case .waived: ("waived", .yellow)
            case .warned: ("warned", .yellow)
            case .failed, .passed, .notApplicable: ("failed", .red)
            }
        let title = check.title.prefix(1).lowercased() + check.title.dropFirst()
        var lines = [Line(indent: 2, word, style, " \(check.name): \(title)")]
        if let waiver = check.waiver { lines.append(Line(indent: 4, "because: \(waiver)")) }
        let shown = check.findings.prefix(findingsShown)
        lines += shown.map { finding in
            Line(indent: 4, "- " + (finding.path.map { "\($0) " } ?? "") + finding.message)
        }
        let more = check.findingCount - shown.count
        if more > 0 { lines.append(Line(indent: 4, "- and \(more) more")) }
        if check.outcome != .waived, let mend = check.mend {
            lines.append(Line(indent: 4, "to mend: \(mend)"))
        }
        return lines
    }

    /// The checks that found nothing.
    private var silentLines: [Line] {
        var lines: [Line] = []
        let passed = checks.filter { $0.outcome == .passed }.map(\.name)
        if !passed.isEmpty {
            lines += [.empty, Line("passed", .green, ": " + passed.joined(separator: ", "))]
        }
        let skipped = checks.filter { $0.outcome == .notApplicable }
        if !skipped.isEmpty { lines += [.empty, Line("not applicable")] }
        return lines + skipped.map { Line(indent: 2, "\($0.name): \($0.reason ?? "")") }
    }

    /// A line whose first word may be marked.
    private struct Line {
        /// Parameters of the escape sequence SGR (ECMA-48 section 8.3.117).
        enum Style: Int {
            case bold = 1
            case red = 31
            case green = 32
            case yellow = 33
        }

        static let empty = Line("")
        private static let lengthMax = 8_000

        private let indent: Int
        private let mark: (word: String, style: Style)?
        private let rest: String

        init(indent: Int = 0, _ text: String) {
            self.indent = indent
            mark = nil
            rest = text
        }

        init(indent: Int = 0, _ word: String, _ style: Style, _ rest: String) {
            self.indent = indent
            mark = (word, style)
            self.rest = rest
        }

        func text(colour: Bool) -> String {
            let first = mark.map { mark in
                colour ? "\u{1b}[\(mark.style.rawValue)m\(mark.word)\u{1b}[0m" : mark.word
            }
            return String(repeating: " ", count: indent) + (first ?? "")
                + PlainText.line(rest, lengthMax: Self.lengthMax)
        }
    }
}
