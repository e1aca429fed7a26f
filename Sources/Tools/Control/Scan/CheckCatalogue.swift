// SPDX-License-Identifier: Apache-2.0
import ImageScan

/// The checks of a policy, for people and scripts.
struct CheckCatalogue {
    private let policy: ScanPolicy

    init(_ policy: ScanPolicy) { self.policy = policy }

    func list(json: Bool) throws {
        if json { return Terminal.line(try JSONLine.text(policy.checks.map(Entry.init))) }
        let width = policy.checks.map(\.name.count).max() ?? 0
        for check in policy.checks {
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            let severity = check.severity.rawValue
            let gap = String(repeating: " ", count: max(0, 8 - severity.count))
            Terminal.line(Terminal.plain("\(name)  \(severity)\(gap)  \(check.title)"))
        }
    }

    /// - Throws: `CommandFailure` when there is no such check.
    func explain(_ name: String, json: Bool) throws {
        guard let check = policy.checks.first(where: { $0.name == name }) else {
            throw CommandFailure(
                .usage,
                Terminal.plain("no check '\(name)' is made; see imprimatur scan --list-checks"))
        }
        if json { return Terminal.line(try JSONLine.text(Entry(check))) }
        let severity = check.severity >= policy.rejectsFrom ? "rejects an image" : "only warns"
        Terminal.line(
            Terminal.plain(
                "\(check.name) (\(check.severity.rawValue), \(severity)): \(check.title)"))
        let documentation = check.documentation
        let mayBeWaived = check.isWaivable && !policy.neverWaived.contains(name)
        let parts = [
            ("Finds", documentation.finds), ("Why it matters", documentation.matters),
            ("How to mend", documentation.mend),
            ("When to waive", mayBeWaived ? documentation.waive : "Never: nobody may."),
        ]
        for (title, text) in parts {
            Terminal.line("")
            for line in WrappedText.lines("\(title): \(Terminal.plain(text))", indent: 0) {
                Terminal.line(line)
            }
        }
    }

    private struct Entry: Encodable {
        var name: String
        var severity: Severity
        var title: String
        var waivable: Bool
        var documentation: Check.Documentation

        init(_ check: Check) {
            name = check.name
            severity = check.severity
            title = check.title
            waivable = check.isWaivable
            documentation = check.documentation
        }
    }
}

/// Text for people, broken at spaces.
enum WrappedText {
    private static let widthMax = 90

    /// Lines of at most 90 columns, but for longer words, each with `indent` spaces before it.
    static func lines(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + word.count < widthMax {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(margin + word)
            }
        }
        return lines
    }
}
