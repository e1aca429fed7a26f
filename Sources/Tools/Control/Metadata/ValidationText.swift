// SPDX-License-Identifier: Apache-2.0
import StratusLab

/// Reports on a file as people and old scripts read them: the line `Valid: FILE` or
/// `Invalid: FILE`, and under it, indented, what there is to say.
struct ValidationText {
    let verbosity: VerbosityOptions
    /// Whether an endorser who was not checked is worth a line.
    let isTrustAsked: Bool

    func print(_ reports: [ValidationReport], _ file: String) {
        let isValid = reports.allSatisfy(\.valid)
        if isValid, verbosity.isSilent { return }
        Terminal.line((isValid ? "Valid: " : "Invalid: ") + Terminal.plain(file))
        for report in reports {
            var indent = "  "
            if let document = report.document, let documents = report.documents {
                if report.valid, verbosity.isQuiet { continue }
                say(
                    "document \(document) of \(documents) in a listing"
                        + (report.valid ? "" : " is invalid")
                        + "; the signature was checked on the unwrapped document", indent)
                indent = "    "
            }
            for line in lines(report) { say(line, indent) }
        }
    }

    private func lines(_ report: ValidationReport) -> [String] {
        guard report.valid else { return report.reasons }
        var lines: [String] = []
        if verbosity.isVerbose { lines += signer(report) }
        guard !verbosity.isQuiet else { return lines }
        if report.trust == .notChecked, isTrustAsked {
            lines.append("signature intact, endorser not checked")
        }
        // StratusLab's own verifiers know no stronger signature, so nearly all documents have it.
        let known = MetadataWarning.Kind.weakSignature.rawValue
        for warning in report.warnings where warning.kind != known || verbosity.isVerbose {
            lines.append("warning: \(warning.element): \(warning.reason) [\(warning.kind)]")
        }
        return lines
    }

    private func signer(_ report: ValidationReport) -> [String] {
        guard let endorser = report.endorser, let email = report.email,
            let created = report.created, let profile = report.profile
        else { return [] }
        let until = report.validUntil.map { ", valid until \($0)" } ?? ""
        let line = "signed by \(endorser) <\(email)>, \(created), \(profile)\(until)"
        return [line] + (report.authority.map { ["trusted: certified by \($0)"] } ?? [])
    }

    private func say(_ text: String, _ indent: String) {
        Terminal.line(indent + Terminal.plain(text))
    }
}
