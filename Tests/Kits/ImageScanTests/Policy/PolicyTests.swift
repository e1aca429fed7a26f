// SPDX-License-Identifier: Apache-2.0
import Events
import Testing

@testable import ImageScan

@Suite struct PolicyTests {
    @Test func checksAreWhatTheyShouldBe() {
        let names = Check.builtIn.map(\.name)
        #expect(Set(names).count == names.count)
        for check in Check.builtIn {
            #expect(check.name.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil, "\(check.name)")
            for text in [
                check.title, check.documentation.finds, check.documentation.matters,
                check.documentation.mend, check.documentation.waive,
            ] {
                #expect(!text.isEmpty && !text.contains("\n"), "\(check.name)")
            }
            for need in check.needs {
                #expect(need.glob.hasPrefix("/"), "\(check.name)")
                #expect((0...(1 << 20)).contains(need.contentBytesMax), "\(check.name)")
            }
        }
    }

    @Test func theQueryIsTheUnionOfTheNeeds() throws {
        let query = ScanPolicy.strict.query
        let globs = query.paths.map(\.glob)
        #expect(Set(globs).count == globs.count)
        for need in Check.builtIn.flatMap(\.needs) {
            let asked = try #require(query.paths.first { $0.glob == need.glob })
            #expect(asked.contentBytesMax >= need.contentBytesMax)
        }
        let names = Check.builtIn.map(\.name).filter { $0 != "swap" && $0 != "readable" }
        let small = try ScanPolicy(disabled: names)
        #expect(small.checks.map(\.name) == ["readable", "swap"])
        #expect(small.query.paths.contains { $0.glob == "/etc/fstab" })
        #expect(!small.query.paths.contains { $0.glob == "/etc/shadow" })
    }

    @Test func settingsChangeChecks() throws {
        let policy = try ScanPolicy(
            disabled: ["setuid"], severities: ["swap=high", "malware=low"], rejectsFrom: .medium)
        func severity(_ name: String) -> Severity? {
            policy.checks.first { $0.name == name }?.severity
        }
        #expect(severity("setuid") == nil)
        #expect(severity("swap") == .high)
        #expect(severity("malware") == .low)
        #expect(severity("empty-password") == .critical)
        #expect(policy.rejectsFrom == .medium)
    }

    @Test func mistakesInSettingsAreToldOfWithWhatWasMeant() {
        #expect(throws: ImageScanError.unknownCheck("swop", suggestion: "swap")) {
            try ScanPolicy(disabled: ["swop"])
        }
        #expect(throws: ImageScanError.unknownCheck("password-hashes", suggestion: "password-hash"))
        {
            try ScanPolicy(severities: ["password-hashes=low"])
        }
        #expect(throws: ImageScanError.unknownCheck("something-else", suggestion: nil)) {
            try ScanPolicy(neverWaived: ["something-else"])
        }
        for text in ["swap", "swap=", "swap=bad", "=low", "swap=low=high", ""] {
            #expect(throws: ImageScanError.self) { try ScanPolicy(severities: [text]) }
        }
        #expect(throws: ImageScanError.unknownSeverity("swap=bad")) {
            try ScanPolicy(severities: ["swap=bad"])
        }
        #expect(throws: ImageScanError.mandatoryCheck("readable")) {
            try ScanPolicy(disabled: ["readable"])
        }
        #expect(throws: ImageScanError.mandatoryCheck("readable")) {
            try ScanPolicy(severities: ["readable=low"])
        }
        #expect(
            "\(ImageScanError.unknownCheck("swop", suggestion: "swap"))"
                == "there is no check 'swop'; is it 'swap'?")
    }

    @Test(arguments: [
        ("swap", "a database", nil), ("swop", "x", WaiverProblem.Rule.unknownCheck),
        ("readable", "x", .notAllowed), ("malware", "x", .notAllowed), ("swap", " \t", .noReason),
        ("", "x", .unknownCheck), ("setuid", "left out, but known", nil),
        ("guest-system", "a data disk", nil),
    ])
    func waivers(check: String, reason: String, rule: WaiverProblem.Rule?) throws {
        let policy = try ScanPolicy(disabled: ["setuid"], neverWaived: ["malware"])
        let good = Waiver(check: "swap", reason: "needed")
        let problem = policy.problem(with: [good, Waiver(check: check, reason: reason)])
        #expect(problem?.rule == rule)
        #expect(policy.problem(with: []) == nil)
    }

    @Test func waiverProblemsAreReadable() {
        let problem = ScanPolicy.strict.problem(with: [Waiver(check: "swop\u{1b}", reason: "x")])
        #expect(
            problem?.description
                == "waiver-unknown-check: there is no check 'swop\\u{1b}'; is it 'swap'?")
    }

    @Test(arguments: [
        ("/etc/*", "/etc/x", true), ("/etc/*", "/etc/x/y", false), ("/etc/**", "/etc/x/y", true),
        ("/etc/**", "/etc", true), ("/**/x", "/x", true), ("/**/x", "/a/b/x", true),
        ("/**/x", "/a/bx", false), ("/**/.ssh/*", "/a/.ssh/b", true),
        ("/**/.*_history", "/root/.bash_history", true),
        ("/**/.*_history", "/root/bash_history", false),
        ("/a*b*c", "/aXbYc", true), ("/a*b*c", "/abcb", false), ("/**/a/**/b", "/x/a/a/y/b", true),
        ("/**/a/**/b", "/x/b/a", false), ("/*", "/", false), ("/**", "/", true),
        ("/é*", "/éa", true), ("/[x]", "/[x]", true), ("/[x]", "/x", false),
        ("/a.b", "/axb", false),
    ])
    func globs(pattern: String, path: String, matches: Bool) {
        #expect(Glob(pattern).matches(path) == matches)
    }

    /// As many entries as an inspection reports at most, a thousand of them private keys.
    @Test(.timeLimit(.minutes(2))) func largeGuestsAreJudgedInTime() async {
        let entries = (0..<20_000).map { number in
            MadeGuest.file(
                "/home/user\(number % 100)/\(number % 7)/file-\(number)",
                number % 20 == 0 ? "-----BEGIN PRIVATE KEY-----\n" : "nothing\n")
        }
        let image = ScanReport.Image(sha256: "", size: 0, format: "raw")
        let start = ContinuousClock.now
        let report = await Scan.report(
            on: MadeGuest.facts([:], entries), image: image, policy: .strict,
            context: ScanContext(time: MadeGuest.time))
        #expect(report.checks.first { $0.name == "private-keys" }?.findingCount == 1_000)
        // A second or so without optimisation; loaded machines take longer.
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test(.timeLimit(.minutes(1))) func hostileGlobsEnd() {
        let stars = "/" + String(repeating: "*a", count: 200)
        #expect(!Glob(stars).matches("/" + String(repeating: "a", count: 199) + "b"))
        let depths = String(repeating: "/**/a", count: 100)
        #expect(!Glob(depths).matches(String(repeating: "/a", count: 99)))
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\nb\tc\rd", "a b c d"), ("\u{1b}[31mred", "\\u{1b}[31mred"),
        ("a\u{202e}b", "a\\u{202e}b"), ("a\u{0}", "a\\u{0}"), ("a\u{2028}b", "a b"),
        ("größe", "größe"),
        ("\u{9b}2J", "\\u{9b}2J"), ("0123456789A", "0123456789…"),
    ])
    func textOfOthersIsMadeVisible(text: String, line: String) {
        let lengthMax = text.hasPrefix("0123") ? 10 : 100
        #expect(PlainText.line(text, lengthMax: lengthMax) == line)
    }
}
