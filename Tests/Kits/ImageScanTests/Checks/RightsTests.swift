// SPDX-License-Identifier: Apache-2.0
import ImageScan
import Testing

@Suite struct RightsTests {
    private typealias Entry = GuestFacts.Entry

    @Test(arguments: [
        ("/usr/bin/report", GuestFacts.Entry.Kind.file, 0o777, true),
        ("/usr/bin/report", .file, 0o775, false), ("/usr/bin/report", .file, 0o1666, true),
        ("/etc", .directory, 0o777, true), ("/srv/exchange", .directory, 0o1777, false),
        ("/srv/exchange", .directory, 0o775, false), ("/usr/lib/x", .link, 0o777, false),
        ("/dev/null", .other, 0o666, false), ("/srv/socket", .other, 0o777, false),
        ("/tmp", .directory, 0o1777, false), ("/tmp", .directory, 0o777, true),
        ("/tmp/x", .file, 0o666, false), ("/tmp/x/y", .directory, 0o777, false),
        ("/var/tmp", .directory, 0o777, true), ("/tmpfile", .file, 0o666, true),
        ("/run/lock", .directory, 0o777, false), ("/home/me/x", .file, 0o666, false),
        ("/homes/me/x", .file, 0o666, true), ("/var/run/x", .file, 0o666, false),
        ("/", .directory, 0o777, true), ("/var/www/html", .directory, 0o2777, true),
    ])
    func worldWritable(
        path: String, kind: GuestFacts.Entry.Kind, mode: Int, isFound: Bool
    ) async throws {
        let facts = MadeGuest.facts([:], [Entry(path: path, kind: kind, mode: mode)])
        let found = try await MadeGuest.findings("world-writable", facts)
        #expect(found?.count == (isFound ? 1 : 0))
    }

    @Test func messagesNameTheMode() async throws {
        let facts = MadeGuest.facts(
            [:],
            [Entry(path: "/a", mode: 0o666), Entry(path: "/b", kind: .directory, mode: 0o2777)])
        #expect(
            try await MadeGuest.findings("world-writable", facts) == [
                "/a: everybody may write to it (0666)",
                "/b: everybody may remove and add files in it (02777)",
            ])
    }

    @Test func setuidFilesOfNoPackageAreFound() async throws {
        let entries = [
            Entry(path: "/usr/bin/become", mode: 0o4755),
            Entry(path: "/usr/bin/group", mode: 0o2755, gid: 42),
            Entry(path: "/usr/bin/su", mode: 0o4755, package: "util-linux"),
            Entry(path: "/var/mail", kind: .directory, mode: 0o2775),
            Entry(path: "/usr/bin/true", mode: 0o755),
        ]
        let facts = MadeGuest.facts([:], entries, packages: MadeGuest.packages())
        #expect(
            try await MadeGuest.findings("setuid", facts) == [
                "/usr/bin/become: is setuid for user 0 and of no package",
                "/usr/bin/group: is setgid for group 42 and of no package",
            ])
        #expect(try await MadeGuest.findings("setuid", MadeGuest.facts([:], entries)) == nil)
    }
}
