// SPDX-License-Identifier: Apache-2.0
import Events
import ImageScan
import TestSupport
import Testing

@Suite struct UpdateTests {
    private static let feed = """
        {"format": "imprimatur-advisories-v1", "source": "a test", "date": "2026-11-20",
         "releases": [
          {"id": "debian", "version": "12", "advisories": [
            {"source": "openssl", "fixedVersion": "3.0.17-1~deb12u3",
             "ids": ["CVE-2026-0001", "CVE-2026-0002"], "severity": "high"},
            {"package": "curl", "fixedVersion": "7.88.1-10+deb12u9", "ids": ["CVE-2026-0003"]},
            {"source": "lvm2", "fixedVersion": "2.03.16-3", "ids": []}]},
          {"id": "rocky", "version": "9", "advisories": [
            {"source": "glibc", "fixedVersion": "2.34-100.el9_4.3", "ids": ["CVE-2026-0004"]}]},
          {"id": "debian", "version": "13", "advisories": []}]}
        """

    private static func context() throws -> ScanContext {
        let directory = try TemporaryDirectory()
        let feed = try AdvisoryFeed(path: try directory.write(feed, to: "feed.json"))
        #expect(feed.source == "a test")
        return ScanContext(time: MadeGuest.time, advisories: feed)
    }

    private static func found(
        _ package: (String, String, String?), os: String = MadeGuest.debian12,
        manager: GuestFacts.Packages.Manager = .dpkg
    ) async throws -> [String]? {
        let package = GuestFacts.Package(
            name: package.0, version: package.1, architecture: "amd64", source: package.2)
        let facts = MadeGuest.facts(
            ["/etc/os-release": os], packages: MadeGuest.packages([package], manager: manager))
        return try await MadeGuest.findings("security-updates", facts, try context())
    }

    @Test func packagesOlderThanTheFixAreFound() async throws {
        let message = """
            -: libssl3 3.0.17-1~deb12u2 is older than 3.0.17-1~deb12u3 \
            (CVE-2026-0001, CVE-2026-0002, high)
            """
        #expect(try await Self.found(("libssl3", "3.0.17-1~deb12u2", "openssl")) == [message])
        #expect(try await Self.found(("openssl", "3.0.17-1~deb12u2", nil))?.count == 1)
        #expect(try await Self.found(("libssl3", "3.0.17-1~deb12u3", "openssl")) == [])
        #expect(try await Self.found(("libssl3", "3.0.20-1~deb12u1", "openssl")) == [])
        #expect(try await Self.found(("libssl3", "3.0.9-1", "other")) == [])
        #expect(try await Self.found(("curl", "7.88.1-10+deb12u8", nil))?.count == 1)
        // The advisory speaks of that package alone, not of all that its source builds.
        #expect(try await Self.found(("libcurl4", "7.88.1-10+deb12u8", "curl")) == [])
    }

    @Test func aSourceMayHaveAnotherVersionThanItsPackage() async throws {
        let older = ("libdevmapper1.02.1", "2:1.02.185-2", "lvm2 (2.03.16-2)")
        #expect(
            try await Self.found(older)
                == ["-: libdevmapper1.02.1 2.03.16-2 is older than 2.03.16-3"])
        #expect(
            try await Self.found(("libdevmapper1.02.1", "2:1.02.185-2", "lvm2 (2.03.16-3)")) == [])
    }

    @Test func sourcesOfRPMs() async throws {
        let os = "ID=\"rocky\"\nVERSION_ID=\"9.4\"\n"
        let older = ("glibc-common", "2.34-100.el9_4.2", "glibc-2.34-100.el9_4.2.src.rpm")
        #expect(try await Self.found(older, os: os, manager: .rpm)?.count == 1)
        let same = ("glibc-common", "2.34-100.el9_4.3", "glibc-2.34-100.el9_4.3.src.rpm")
        #expect(try await Self.found(same, os: os, manager: .rpm) == [])
    }

    @Test func otherReleasesAreLeftToThePackagesAge() async throws {
        let context = try Self.context()
        let unknown = MadeGuest.facts(
            ["/etc/os-release": "ID=debian\nVERSION_ID=11\n"],
            packages: MadeGuest.packages(days: 100))
        #expect(try await MadeGuest.findings("security-updates", unknown, context) == nil)
        #expect(try await MadeGuest.findings("package-age", unknown, context)?.count == 1)
        let known = MadeGuest.facts(
            ["/etc/os-release": "ID=debian\nVERSION_ID=13\n"],
            packages: MadeGuest.packages(days: 100))
        #expect(try await MadeGuest.findings("security-updates", known, context) == [])
        #expect(try await MadeGuest.findings("package-age", known, context) == nil)
        let without = MadeGuest.facts(["/etc/os-release": MadeGuest.debian12])
        #expect(try await MadeGuest.findings("security-updates", without, context) == nil)
        #expect(try await MadeGuest.findings("package-age", without) == nil)
    }

    @Test(arguments: [
        (0, 90, false), (90, 90, false), (91, 90, true), (91, 120, false), (-1, 90, false),
        (-30, 90, true), (20_000, 90, true),
    ])
    func packageAge(days: Int, max: Int, isFound: Bool) async throws {
        let context = ScanContext(time: MadeGuest.time, packageAgeMaxDays: max)
        let facts = MadeGuest.facts(packages: MadeGuest.packages(days: days))
        let found = try await MadeGuest.findings("package-age", facts, context)
        #expect(found?.count == (isFound ? 1 : 0))
    }

    @Test func packageAgeSaysHowOld() async throws {
        let facts = MadeGuest.facts(packages: MadeGuest.packages(days: 400))
        #expect(
            try await MadeGuest.findings("package-age", facts) == [
                "-: packages were last changed on 2025-10-18, 400 days before the request, more than 90"
            ])
        var extreme = MadeGuest.facts(packages: MadeGuest.packages())
        extreme.packages?.modified = .max
        #expect(try await MadeGuest.findings("package-age", extreme)?.count == 1)
        extreme.packages?.modified = .min
        #expect(try await MadeGuest.findings("package-age", extreme)?.count == 1)
    }

    @Test(arguments: [
        ("{}", "'format' is missing"), ("", "no JSON"),
        (
            "{\"format\": \"other\", \"source\": \"\", \"date\": \"\", \"releases\": []}",
            "'format' is not 'imprimatur-advisories-v1'"
        ),
        (
            feed.replacing("\"package\": \"curl\", ", with: ""),
            "an advisory of debian names neither 'package' nor 'source'"
        ),
        (
            feed.replacing("\"fixedVersion\": \"2.03.16-3\"", with: "\"fixedVersion\": 2"),
            "'releases.0.advisories.2.fixedVersion' is of the wrong type"
        ),
    ])
    func brokenFeedsAreRefused(text: String, reason: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "feed.json")
        let error = #expect(throws: ImageScanError.self) { try AdvisoryFeed(path: path) }
        guard case .malformed(path, let said) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(said.hasPrefix(reason))
    }
}
