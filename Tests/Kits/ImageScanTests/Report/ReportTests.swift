// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageScan
import TestSupport
import Testing

@Suite struct ReportTests {
    private static let image = ScanReport.Image(
        sha256: String(repeating: "0123456789abcdef", count: 4), size: 1_234_567, format: "qcow2")
    private static let context = ScanContext(time: MadeGuest.time)

    /// A guest in which `swap` and `shell-history` fail, and `setuid` and others do not apply.
    private static let facts = MadeGuest.facts([
        "/etc/os-release": MadeGuest.debian12, "/etc/fstab": "/swapfile none swap sw 0 0\n",
        "/root/.bash_history": "ls\n",
    ])

    private static func report(
        _ facts: GuestFacts = facts, policy: ScanPolicy = .strict, waivers: [Waiver] = []
    ) async -> ScanReport {
        await Scan.report(
            on: facts, image: image, policy: policy, waivers: waivers, context: context)
    }

    private static func outcome(_ name: String, _ report: ScanReport) -> CheckReport.Outcome? {
        report.checks.first { $0.name == name }?.outcome
    }

    @Test func aCleanGuestIsAccepted() async {
        let facts = MadeGuest.facts(
            ["/etc/os-release": MadeGuest.debian12, "/etc/shadow": "root:!:1::::::\n"],
            packages: MadeGuest.packages())
        let report = await Self.report(facts)
        #expect(report.verdict == .accepted)
        #expect(report.summary == "no check fails")
        #expect(report.checks.map(\.name) == Check.builtIn.map(\.name))
        #expect(report.checks.allSatisfy { $0.findings.isEmpty && $0.findingCount == 0 })
        #expect(report.os?.prettyName == "Debian GNU/Linux 12")
        #expect(report.time == MadeGuest.time)
    }

    @Test func everyFailedCheckRejects() async {
        let report = await Self.report()
        #expect(report.verdict == .rejected)
        #expect(report.failed.map(\.name) == ["shell-history", "swap"])
        #expect(report.summary == "2 checks fail: shell-history (medium), swap (medium)")
        #expect(Self.outcome("setuid", report) == .notApplicable)
    }

    @Test func waiversLetPassByName() async {
        let waivers = [
            Waiver(check: "swap", reason: "a database"),
            Waiver(check: "malware", reason: "unneeded"),
            Waiver(check: "empty-password", reason: "unneeded"), Waiver(check: "swop", reason: "x"),
            Waiver(check: "readable", reason: "x"), Waiver(check: "swap", reason: "twice"),
        ]
        let one = await Self.report(waivers: waivers)
        #expect(one.verdict == .rejected)
        #expect(one.failed.map(\.name) == ["shell-history"])
        #expect(one.waived == [Waiver(check: "swap", reason: "a database")])
        #expect(
            one.notes == [
                "the waiver of 'malware' was not needed: the check does not apply",
                "the waiver of 'empty-password' was not needed: the check passes",
                "there is no check 'swop'; is it 'swap'?", "the check 'readable' cannot be waived",
            ])
        let both = await Self.report(
            waivers: [waivers[0], Waiver(check: "shell-history", reason: "harmless")])
        #expect(both.verdict == .accepted)
        #expect(both.waived.map(\.check) == ["shell-history", "swap"])
    }

    /// The signer compares it with the request's; a joiner inside an emoji is no control character.
    @Test func aWaiversReasonIsReportedAsItCame() async {
        for reason in ["for\ttabs", "by \u{1F469}\u{200D}\u{1F52C}", "soft\u{AD}ly"] {
            let waiver = Waiver(check: "swap", reason: reason)
            let report = await Self.report(waivers: [waiver])
            #expect(waiver.problem == nil && report.waived == [waiver])
            #expect(!report.text(colour: false).unicodeScalars.contains("\u{200D}"))
        }
        let escape = await Self.report(waivers: [Waiver(check: "swap", reason: "\u{1B}[2J")])
        #expect(escape.waived.allSatisfy { !$0.reason.contains("\u{1B}") })
    }

    @Test func aPolicyMayForbidWaivers() async throws {
        let policy = try ScanPolicy(neverWaived: ["swap"])
        let report = await Self.report(
            policy: policy, waivers: [Waiver(check: "swap", reason: "a database")])
        #expect(Self.outcome("swap", report) == .failed)
        #expect(report.notes == ["the check 'swap' cannot be waived"])
    }

    @Test func belowThePolicysSeverityThereAreWarnings() async throws {
        let policy = try ScanPolicy(severities: ["swap=low"], rejectsFrom: .medium)
        let report = await Self.report(policy: policy)
        #expect(Self.outcome("swap", report) == .warned)
        #expect(report.failed.map(\.name) == ["shell-history"])
        let lenient = await Self.report(policy: try ScanPolicy(rejectsFrom: .critical))
        #expect(lenient.verdict == .accepted)
        #expect(Self.outcome("swap", lenient) == .warned)
    }

    @Test func anIncompleteInspectionRejects() async throws {
        var facts = MadeGuest.facts(["/etc/os-release": MadeGuest.debian12])
        facts.isComplete = false
        let report = await Self.report(facts)
        #expect(report.failed.map(\.name) == ["inspection-complete"])
        #expect(!report.isComplete)
    }

    @Test func anImageWithoutASystemRejectsOnceOnly() async {
        let facts = MadeGuest.facts(hasRoot: false)
        let report = await Self.report(facts)
        #expect(report.failed.map(\.name) == ["guest-system"])
        let waived = await Self.report(
            facts, waivers: [Waiver(check: "guest-system", reason: "a data disk")])
        #expect(waived.verdict == .accepted)
    }

    @Test func anUnreadableImageIsRejectedWhateverThePolicy() throws {
        let policy = try ScanPolicy(rejectsFrom: .critical, neverWaived: [])
        let report = Scan.report(
            unreadable: "qcow2: the header\nis broken", image: Self.image, policy: policy,
            context: Self.context)
        #expect(report.verdict == .rejected)
        #expect(report.failed.map(\.name) == ["readable"])
        #expect(report.failed.first?.findings == [Finding("qcow2: the header is broken")])
        #expect(report.inspector == nil)
        #expect(!report.isComplete)
        #expect(Self.outcome("swap", report) == .notApplicable)
    }

    @Test func findingsAndProblemsAreBounded() async throws {
        let files = (0..<2_500).map { GuestFacts.Entry(path: "/usr/f\($0)", mode: 0o777) }
        var facts = MadeGuest.facts([:], files)
        facts.problems = (0..<300).map { "problem \($0)" + String(repeating: "x", count: 9_999) }
        let report = await Self.report(facts)
        let check = try #require(report.checks.first { $0.name == "world-writable" })
        #expect(check.findings.count == CheckReport.findingsMax)
        #expect(check.findingCount == 2_500)
        #expect(report.problems.count == ScanReport.problemsMax)
        #expect(report.problems.allSatisfy { $0.count <= 401 })
        let long = Finding(
            String(repeating: "m", count: 9_999), path: String(repeating: "p", count: 9_999))
        #expect(long.message.count == Finding.messageLengthMax + 1)
        #expect(long.path?.count == Finding.pathLengthMax + 1)
    }

    @Test func theJSONIsTheSameEachTimeAndReadBack() async throws {
        let report = await Self.report(waivers: [Waiver(check: "swap", reason: "a database")])
        let bytes = try report.json()
        #expect(
            try await Self.report(waivers: [Waiver(check: "swap", reason: "a database")]).json()
                == bytes)
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(try ScanReport(json: bytes) == report)
    }

    @Test(arguments: ["", "{}", "{\"schemaVersion\": 2}"])
    func otherJSONIsRefused(text: String) {
        #expect(throws: ImageScanError.self) { try ScanReport(json: Array(text.utf8)) }
    }

    @Test func laterVersionsAreRefused() async throws {
        let text = String(decoding: try await Self.report().json(), as: UTF8.self)
        let later = text.replacing("\"schemaVersion\" : 1", with: "\"schemaVersion\" : 2")
        #expect(throws: ImageScanError.malformed(path: "x", reason: "version 2 is not known")) {
            try ScanReport(json: Array(later.utf8), path: "x")
        }
    }

    @Test(.timeLimit(.minutes(2))) func reportsAndTheExampleKeepToTheSchema() async throws {
        let unreadable = Scan.report(
            unreadable: "broken", image: Self.image, policy: .strict, context: Self.context)
        let waived = await Self.report(waivers: [Waiver(check: "swap", reason: "a database")])
        let warned = await Self.report(policy: try ScanPolicy(rejectsFrom: .critical))
        let path = "\(repositoryRoot)/schemas/scan-report/debian.json"
        if ProcessInfo.processInfo.environment["IMPRIMATUR_UPDATE_DOCUMENTATION"] == "1" {
            try Data(try waived.json()).write(to: URL(filePath: path))
        }
        let example = try Data(contentsOf: URL(filePath: path))
        let reports = try [unreadable, waived, warned].map { Data(try $0.json()) } + [example]
        func errors(_ reports: [JSONValue]) throws -> [[String]] {
            let schema = JSONValue.string("\(repositoryRoot)/schemas/scan-report.schema.json")
            let questions = reports.map { JSONValue.object(["schema": schema, "instance": $0]) }
            let answer = try PythonTools.run(
                "validate_schema.py", ["validate"], input: try JSONEncoder().encode(questions))
            return try JSONDecoder().decode([[String]].self, from: answer)
        }
        let values = try reports.map { try JSONDecoder().decode(JSONValue.self, from: $0) }
        #expect(try errors(values) == [[], [], [], []])
        // The example is what is written for this guest.
        #expect(try ScanReport(json: Array(example)).json() == Array(example))
        #expect(waived == (try ScanReport(json: Array(example))))

        var broken: [JSONValue] = []
        for member in ["schemaVersion", "image", "verdict", "checks", "time", "isComplete"] {
            guard case .object(var members) = values[1] else { continue }
            members[member] = nil
            broken.append(.object(members))
        }
        #expect(try errors(broken).filter(\.isEmpty).isEmpty)
    }

    @Test func peopleSeeTheWorstFirstAndHowToMendIt() async {
        let facts = MadeGuest.facts([
            "/etc/os-release": MadeGuest.debian12, "/etc/fstab": "/swapfile none swap sw 0 0\n",
            "/etc/shadow": "root::1::::::\n", "/root/.bash_history": "ls\n",
        ])
        let report = await Self.report(
            facts,
            waivers: [
                Waiver(check: "swap", reason: "a database"),
                Waiver(check: "setuid", reason: "none"),
            ])
        let text = report.text(colour: false)
        #expect(
            text.hasPrefix(
                """
                rejected: 2 checks fail: empty-password (critical), shell-history (medium)
                  qcow2, 1234567 bytes, sha256 0123456789abcdef
                """))
        #expect(
            text.contains(
                """

                  Debian GNU/Linux 12
                  read by made by hand 1
                  judged as of 2026-11-22T12:00:00Z

                critical
                  failed empty-password: an account has an empty password
                    - /etc/shadow account 'root' has an empty password
                    to mend: Lock the account
                """))
        #expect(
            text.contains(
                """

                medium
                  failed shell-history: what was typed is left in the image
                    - /root/.bash_history is not empty
                    to mend: Remove the files
                """))
        #expect(
            text.contains(
                """

                  waived swap: the image brings swap space
                    because: a database
                    - /etc/fstab line 1 swaps on /swapfile
                """))
        #expect(text.contains("\npassed: readable, inspection-complete, guest-system, os-release,"))
        #expect(
            text.contains("\nnot applicable\n  security-updates: no advisory feed is configured\n"))
        #expect(
            text.hasSuffix(
                "\n\nnote: the waiver of 'setuid' was not needed: the check does not apply\n"))
        #expect(!text.contains("\u{1b}"))
        let coloured = report.text(colour: true)
        #expect(coloured.hasPrefix("\u{1b}[31mrejected\u{1b}[0m: 2 checks fail"))
        #expect(coloured.replacing(/\u{1b}\[[0-9]+m/, with: "") == text)
    }

    @Test func aForgedReportDoesNotReachTheTerminalEither() async throws {
        var report = await Self.report()
        for index in report.checks.indices {
            report.checks[index].title = "\u{1b}[2J"
            report.checks[index].mend = "\u{7}"
            report.checks[index].reason = "\u{9b}2J"
            report.checks[index].waiver = "\r"
        }
        report.notes = ["\u{1b}c"]
        report.os?.prettyName = "\u{1b}c"
        let text = try ScanReport(json: try report.json()).text(colour: false)
        #expect(
            !text.unicodeScalars.contains {
                $0.properties.generalCategory == .control && $0 != "\n"
            })
    }

    @Test func hostileTextDoesNotReachTheTerminal() async {
        let facts = MadeGuest.facts(
            ["/etc/os-release": "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"\u{1b}]0;x\u{7}\"\n"],
            [GuestFacts.Entry(path: "/usr/\u{1b}[2J\nverdict: accepted", mode: 0o777)])
        var broken = facts
        broken.inspector = Tool(name: "\u{1b}[1m", version: "\u{7}")
        broken.problems = ["\u{1b}[0m"]
        let text = await Self.report(broken).text(colour: false)
        #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        #expect(text.contains("/usr/\\u{1b}[2J verdict: accepted everybody may write to it"))
    }
}
