// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Programs
import TestSupport
import Testing

@testable import ImageScan

@Suite(.timeLimit(.minutes(5))) struct CustomCheckTests {
    private static let description = """
        {"name": "site-banner", "severity": "low", "title": "No banner",
         "documentation": {"finds": "f", "matters": "m", "mend": "add one", "waive": "w"},
         "needs": [{"glob": "/etc/issue", "contentBytesMax": 4096}]}
        """

    /// A directory with one program, in the shell, that describes itself so and then does `work`.
    private static func directory(
        _ work: String, description: String = description, name: String = "banner",
        mode: Int = 0o755
    ) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try add(work, description: description, name: name, mode: mode, to: directory)
        return directory
    }

    private static func add(
        _ work: String, description: String, name: String, mode: Int = 0o755,
        to directory: TemporaryDirectory
    ) throws {
        let path = try directory.write(
            """
            #!/bin/sh
            if [ "$1" = --describe ]; then cat <<'END'
            \(description)
            END
            exit; fi
            \(work)

            """, to: name)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        // Inside the sandbox it is another user who reads it.
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: directory.path)
    }

    private static let facts = MadeGuest.facts(
        ["/etc/issue": "hello\n", "/etc/shadow": "root:*:\n"], packages: MadeGuest.packages())

    private static func result(
        _ work: String, timeMax: Duration = .seconds(60),
        limits: Sandbox.Limits = CustomCheck.limits
    ) async throws -> CheckResult {
        let directory = try directory(work)
        let checks = try await CustomCheck.checks(
            in: directory.path, timeMax: timeMax, limits: limits)
        let check = try #require(checks.first)
        #expect(check.name == "site-banner")
        #expect(check.severity == .low)
        #expect(check.documentation.mend == "add one")
        return await check.evaluate(facts, ScanContext(time: MadeGuest.time))
    }

    @Test func answersAreTaken() async throws {
        #expect(try await Self.result("echo '{\"outcome\": \"passed\"}'") == .passed)
        let failed = """
            echo '{"outcome": "failed", "findings": [{"message": "a\\u001b", "path": "/etc/issue"}]}'
            """
        #expect(try await Self.result(failed) == .failed([Finding("a\u{1b}", path: "/etc/issue")]))
        let skipped = "echo '{\"outcome\": \"not-applicable\", \"reason\": \"no network\"}'"
        #expect(try await Self.result(skipped) == .notApplicable(reason: "no network"))
    }

    @Test func itSeesTheFactsThatItAskedFor() async throws {
        // Says what it got, as findings.
        let work = """
            exec python3 -c '
            import json, os, sys
            facts = json.load(sys.stdin)
            seen = [entry["path"] for entry in facts["entries"]] + [
                facts["volumes"][0]["content"], facts["packages"]["manager"],
                os.environ["IMPRIMATUR_SCAN_TIME"], str(os.getuid())]
            print(json.dumps({"outcome": "failed", "findings": [{"message": s} for s in seen]}))'
            """
        #expect(
            try await Self.result(work)
                == .failed(
                    ["/etc/issue", "ext4", "dpkg", "2026-11-22T12:00:00Z", "65534"].map {
                        Finding($0)
                    }))
    }

    @Test(arguments: [
        ("exit 3", "it ended with status 3"),
        ("echo oops >&2; exit 1", "it ended with status 1: oops"),
        ("kill -SEGV $$", "it ended with status 139"), ("echo nonsense", "its answer is no JSON"),
        ("true", "its answer is no JSON"), ("echo '{}'", "its answer is 'outcome' is missing"),
        ("echo '{\"outcome\": \"fine\"}'", "its answer is 'outcome'"),
        ("echo '{\"outcome\": \"failed\"}'", "it failed without a finding"),
        (
            "echo '{\"outcome\": \"passed\", \"findings\": [{\"message\": \"x\"}]}'",
            "it passed with findings"
        ),
        ("echo '{\"outcome\": \"passed\"}'; exit 1", "it ended with status 1"),
        ("cat /etc/shadow && echo '{\"outcome\": \"passed\"}'", "it ended with status 1"),
        ("head -c 5000000 /dev/zero", "/checks/banner wrote more than 4194304 bytes"),
    ])
    func whatGoesWrongIsAFinding(work: String, reason: String) async throws {
        guard case .failed(let findings) = try await Self.result(work) else {
            Issue.record("it did not fail")
            return
        }
        #expect(findings.count == 1)
        let message = try #require(findings.first?.message)
        #expect(message.hasPrefix("the check itself failed: \(reason)"), "\(message)")
    }

    @Test func onesThatDoNotEndAreKilled() async throws {
        // Nobody else sleeps for that long.
        let seconds = "\(Int.random(in: 1_000_000_000...2_000_000_000))"
        let result = try await Self.result(
            "sleep \(seconds) & sleep \(seconds)", timeMax: .seconds(3))
        #expect(
            result
                == .failed([
                    Finding(
                        "the check itself failed: /checks/banner did not end within 3.0 seconds")
                ]))
        try await eventually("both are gone") {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").allSatisfy {
                let line = try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8)
                return line?.contains(seconds) != true
            }
        }
    }

    @Test(arguments: [
        ("{}", "--describe: its answer is 'name' is missing"),
        ("[", "--describe: its answer is no JSON"),
        (
            description.replacing("site-banner", with: "Site Banner"),
            "'name' is not lower-case words"
        ),
        (description.replacing("site-banner", with: "swap"), "there is a check 'swap' already"),
        (
            description.replacing("\"low\"", with: "\"awful\""),
            "--describe: its answer is 'severity'"
        ),
        (description.replacing("/etc/issue", with: "etc/issue"), "a 'glob' does not begin"),
        (description.replacing("4096", with: "99999999"), "a 'contentBytesMax' is not 0 to"),
        (description.replacing("4096", with: "-1"), "a 'contentBytesMax' is not 0 to"),
        (description.replacing("No banner", with: ""), "a text is empty"),
    ])
    func badDescriptionsAreConfigurationErrors(description: String, reason: String) async throws {
        let directory = try Self.directory("true", description: description)
        let error = await #expect(throws: ImageScanError.self) {
            try await CustomCheck.checks(in: directory.path)
        }
        guard case .customCheck(directory.file("banner"), let said) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(said.hasPrefix(reason), "\(said)")
    }

    @Test func directoriesHoldManyThingsBesideChecks() async throws {
        let directory = try Self.directory("true", name: "b-banner")
        try directory.write("how to use this", to: "README")
        try directory.write("#!/bin/sh\nexit 1\n", to: ".hidden")
        try directory.write("module", to: "lib/module.py")
        try Self.add(
            "true", description: Self.description.replacing("site-banner", with: "another"),
            name: "a-another", to: directory)
        let checks = try await CustomCheck.checks(in: directory.path)
        #expect(checks.map(\.name) == ["another", "site-banner"])
        let policy = try ScanPolicy(
            custom: checks, severities: ["another=critical"], neverWaived: ["site-banner"])
        #expect(policy.checks.last?.name == "site-banner")
        #expect(policy.query.paths.contains { $0.glob == "/etc/issue" })
        #expect(policy.problem(with: [Waiver(check: "another", reason: "x")]) == nil)

        try Self.add("true", description: Self.description, name: "c-again", to: directory)
        await #expect(
            throws: ImageScanError.customCheck(
                path: directory.file("c-again"), reason: "there is a check 'site-banner' already")
        ) { try await CustomCheck.checks(in: directory.path) }
    }

    @Test func whatEverybodyMayWriteToDecidesNothing() async throws {
        let shared = try Self.directory("true", mode: 0o777)
        await #expect(
            throws: ImageScanError.customCheck(
                path: shared.file("banner"), reason: "everybody may write to it")
        ) { try await CustomCheck.checks(in: shared.path) }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: shared.path)
        await #expect(
            throws: ImageScanError.customCheck(
                path: shared.path, reason: "everybody may write to it")
        ) { try await CustomCheck.checks(in: shared.path) }
        await #expect(throws: ImageScanError.self) {
            try await CustomCheck.checks(in: "/nonexistent")
        }
    }

    /// The examples of the documentation, as they stand there.
    @Test(arguments: [("python", "kernel-command-line"), ("sh", "login-banner")])
    func theDocumentedExamplesWork(language: String, name: String) async throws {
        let page = try String(
            contentsOfFile: repositoryRoot
                + "/Sources/Kits/ImageScan/Documentation.docc/CustomChecks.md", encoding: .utf8)
        let begin = try #require(page.range(of: "```\(language)\n"))
        let end = try #require(page.range(of: "```", range: begin.upperBound..<page.endIndex))
        let directory = try TemporaryDirectory()
        let path = try directory.write(String(page[begin.upperBound..<end.lowerBound]), to: name)
        for file in [path, directory.path] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        }
        let check = try #require(try await CustomCheck.checks(in: directory.path).first)
        #expect(check.name == name)
        let good = MadeGuest.facts([
            "/etc/issue": "Authorised users only\n",
            "/etc/default/grub": "GRUB_CMDLINE_LINUX=\"console=ttyS0\"\n",
        ])
        let bad = MadeGuest.facts([
            "/etc/issue": "Debian GNU/Linux 12 \\n \\l\n",
            "/etc/default/grub": "GRUB_CMDLINE_LINUX=\"quiet\"\n",
        ])
        let context = ScanContext(time: MadeGuest.time)
        #expect(await check.evaluate(good, context) == .passed)
        guard case .failed = await check.evaluate(bad, context) else {
            Issue.record("the faulty guest passed")
            return
        }
        guard case .notApplicable = await check.evaluate(MadeGuest.facts(), context) else {
            Issue.record("a guest without the file was judged")
            return
        }
    }
}
