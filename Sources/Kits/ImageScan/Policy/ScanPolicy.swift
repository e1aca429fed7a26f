// SPDX-License-Identifier: Apache-2.0
public import Events

/// Which checks are made, how bad each is, and from which severity on a failed one rejects an
/// image.
public struct ScanPolicy: Sendable {
    /// What is judged, in the order of the report, with the severities that apply.
    public let checks: [Check]
    /// A failed check below it is a warning.
    public let rejectsFrom: Severity
    /// Names of checks that no request may waive.
    public let neverWaived: Set<String>
    /// Every check's name, left out or not.
    private let names: [String]

    /// Every built-in check, each as bad as it says, and each rejects.
    public static let strict = ScanPolicy(
        checks: Check.builtIn, rejectsFrom: .low, neverWaived: [], names: Check.builtIn.map(\.name))

    private init(
        checks: [Check], rejectsFrom: Severity, neverWaived: Set<String>, names: [String]
    ) {
        self.checks = checks
        self.rejectsFrom = rejectsFrom
        self.neverWaived = neverWaived
        self.names = names
    }

    /// A policy from settings.
    ///
    /// - Parameters:
    ///   - custom: a site's own checks, which come behind the built-in ones.
    ///   - disabled: names of checks to leave out.
    ///   - severities: other severities, each `CHECK=SEVERITY`.
    ///   - neverWaived: names of checks that no request may waive.
    /// - Throws: ``ImageScanError/unknownCheck(_:suggestion:)``,
    ///   ``ImageScanError/unknownSeverity(_:)``, ``ImageScanError/mandatoryCheck(_:)``.
    public init(
        custom: [Check] = [], disabled: [String] = [], severities: [String] = [],
        rejectsFrom: Severity = .low, neverWaived: [String] = []
    ) throws(ImageScanError) {
        let all = Check.builtIn + custom
        names = all.map(\.name)
        var changed: [String: Severity] = [:]
        for text in severities {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let severity = Severity(rawValue: String(parts[1])) else {
                throw .unknownSeverity(text)
            }
            changed[try Self.changeable(String(parts[0]), all)] = severity
        }
        var left: Set<String> = []
        for name in disabled { left.insert(try Self.changeable(name, all)) }
        for name in neverWaived { _ = try Self.check(name, all) }
        self.neverWaived = Set(neverWaived)
        self.rejectsFrom = rejectsFrom
        checks = all.filter { !left.contains($0.name) }.map { check in
            var check = check
            check.severity = changed[check.name] ?? check.severity
            return check
        }
    }

    /// What the inspection has to report: the union of what the checks need.
    public var query: InspectionQuery {
        var sizes: [String: Int] = [:]
        var globs: [String] = []
        for pattern in checks.flatMap(\.needs) {
            if sizes[pattern.glob] == nil { globs.append(pattern.glob) }
            sizes[pattern.glob] = max(sizes[pattern.glob] ?? 0, pattern.contentBytesMax)
        }
        return InspectionQuery(
            paths: globs.map { InspectionQuery.Pattern($0, contentBytesMax: sizes[$0] ?? 0) })
    }

    /// The first thing wrong with the waivers of a request; nil when they can be honoured.
    public func problem(with waivers: [Waiver]) -> WaiverProblem? {
        for waiver in waivers {
            if let problem = problem(with: waiver) { return problem }
        }
        return nil
    }

    private func problem(with waiver: Waiver) -> WaiverProblem? {
        let name = PlainText.line(waiver.check, lengthMax: 80)
        guard names.contains(waiver.check) else {
            let error = ImageScanError.unknownCheck(
                name, suggestion: Spelling.nearest(to: waiver.check, among: names))
            return WaiverProblem(.unknownCheck, "\(error)")
        }
        guard mayBeWaived(waiver.check) else {
            return WaiverProblem(.notAllowed, "the check '\(name)' cannot be waived")
        }
        guard waiver.reason.contains(where: { !$0.isWhitespace }) else {
            return WaiverProblem(.noReason, "the waiver of '\(name)' gives no reason")
        }
        return nil
    }

    func mayBeWaived(_ name: String) -> Bool {
        !neverWaived.contains(name) && checks.first { $0.name == name }?.isWaivable ?? true
    }

    private static func changeable(
        _ name: String, _ all: [Check]
    ) throws(ImageScanError) -> String {
        guard try check(name, all).isWaivable else { throw .mandatoryCheck(name) }
        return name
    }

    private static func check(_ name: String, _ all: [Check]) throws(ImageScanError) -> Check {
        guard let check = all.first(where: { $0.name == name }) else {
            throw .unknownCheck(
                PlainText.line(name, lengthMax: 80),
                suggestion: Spelling.nearest(to: name, among: all.map(\.name)))
        }
        return check
    }
}
