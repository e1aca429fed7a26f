// SPDX-License-Identifier: Apache-2.0
public import Events

/// Holds an image's facts against the security policy.
public enum Scan {
    /// Judges an image that was inspected. Waivers that cannot be honoured
    /// (``ScanPolicy/problem(with:)``) waive nothing.
    public static func report(
        on facts: GuestFacts, image: ScanReport.Image, policy: ScanPolicy, waivers: [Waiver] = [],
        context: ScanContext
    ) async -> ScanReport {
        let guest = Guest(facts)
        var checks: [CheckReport] = []
        for check in policy.checks {
            let result = await check.evaluate(guest, context)
            checks.append(judgement(check, result, policy, waivers))
        }
        return ScanReport(
            image: image, time: context.time, inspector: facts.inspector,
            os: OSRelease(guest).map(ScanReport.OperatingSystem.init),
            rejectsFrom: policy.rejectsFrom, isComplete: facts.isComplete,
            problems: facts.problems, checks: checks, notes: notes(checks, policy, waivers))
    }

    /// Judges an image that could not be inspected: nothing is known of it, and it is rejected.
    ///
    /// - Parameter reason: the inspection's, in one sentence.
    public static func report(
        unreadable reason: String, image: ScanReport.Image, policy: ScanPolicy,
        context: ScanContext
    ) -> ScanReport {
        let checks = policy.checks.map { check in
            check.name == Check.readable.name
                ? CheckReport(check, .failed, [Finding(reason)])
                : CheckReport(
                    check, .notApplicable, reason: "the image could not be inspected")
        }
        return ScanReport(
            image: image, time: context.time, rejectsFrom: policy.rejectsFrom, isComplete: false,
            checks: checks)
    }

    private static func judgement(
        _ check: Check, _ result: CheckResult, _ policy: ScanPolicy, _ waivers: [Waiver]
    ) -> CheckReport {
        switch result {
        case .passed: return CheckReport(check, .passed)
        case .notApplicable(let reason):
            return CheckReport(check, .notApplicable, reason: reason)
        case .failed(let findings):
            if let waiver = waivers.first(where: { $0.check == check.name }),
                policy.problem(with: [waiver]) == nil
            {
                return CheckReport(check, .waived, findings, waiver: waiver.reason)
            }
            let rejects = check.severity >= policy.rejectsFrom || !check.isWaivable
            return CheckReport(check, rejects ? .failed : .warned, findings)
        }
    }

    private static func notes(
        _ checks: [CheckReport], _ policy: ScanPolicy, _ waivers: [Waiver]
    ) -> [String] {
        var seen: Set<String> = []
        let needed = Set(checks.filter { $0.waiver != nil }.map(\.name))
        return waivers.compactMap { waiver in
            guard !needed.contains(waiver.check), seen.insert(waiver.check).inserted else {
                return nil
            }
            if let problem = policy.problem(with: [waiver]) { return problem.message }
            let outcome = checks.first { $0.name == waiver.check }?.outcome
            return "the waiver of '\(waiver.check)' was not needed: the check "
                + (outcome == .passed
                    ? "passes" : outcome == nil ? "is not made" : "does not apply")
        }
    }
}
