// SPDX-License-Identifier: Apache-2.0
import ImageScan
import Testing

@Suite struct LeftoverTests {
    @Test func cloudInitState() async throws {
        let facts = MadeGuest.facts(
            [
                "/var/log/cloud-init.log": "ran", "/var/log/cloud-init-output.log": "",
                "/var/lib/cloud/data/instance-id": "i-1",
                "/var/lib/cloud/seed/nocloud/meta-data": "x",
                "/etc/cloud/cloud.cfg": "x", "/var/lib/cloud/instances/i-1/user-data.txt": "x",
            ],
            [
                GuestFacts.Entry(
                    path: "/var/lib/cloud/instances/i-1", kind: .directory, mode: 0o755),
                MadeGuest.link("/var/lib/cloud/instance", to: "/var/lib/cloud/instances/i-1"),
                GuestFacts.Entry(path: "/var/lib/cloud/instances", kind: .directory, mode: 0o755),
            ])
        let paths = [
            "/var/lib/cloud/data/instance-id", "/var/lib/cloud/instance",
            "/var/lib/cloud/instances/i-1", "/var/log/cloud-init.log",
        ]
        #expect(
            try await MadeGuest.findings("cloud-init-state", facts)
                == paths.map { "\($0): is left from a start of the image" })
        let clean = MadeGuest.facts(["/etc/cloud/cloud.cfg": "x"])
        #expect(try await MadeGuest.findings("cloud-init-state", clean) == [])
    }

    @Test func shellHistory() async throws {
        let facts = MadeGuest.facts(
            [
                "/root/.bash_history": "mysql -phunter2\n", "/home/me/.ash_history": "x",
                "/srv/db/.psql_history": "xy", "/home/me/.local/share/fish/fish_history": "x",
                "/home/me/.zsh_history": "", "/home/me/bash_history": "x",
                "/usr/share/history": "x",
            ], [MadeGuest.link("/home/you/.bash_history", to: "/dev/null")])
        #expect(
            try await MadeGuest.findings("shell-history", facts) == [
                "/home/me/.ash_history: is not empty",
                "/home/me/.local/share/fish/fish_history: is not empty",
                "/root/.bash_history: is not empty", "/srv/db/.psql_history: is not empty",
            ])
    }

    @Test(arguments: [
        ("", false), ("\n", false), ("uninitialized\n", false), (" uninitialized", false),
        ("0123456789abcdef0123456789abcdef\n", true), ("something else", true),
    ])
    func machineID(text: String, isFound: Bool) async throws {
        for path in ["/etc/machine-id", "/var/lib/dbus/machine-id"] {
            #expect(
                try await MadeGuest.findings("machine-id", MadeGuest.facts([path: text]))
                    == (isFound ? ["\(path): has a machine id"] : []))
        }
    }

    @Test func linksBetweenMachineIDs() async throws {
        let link = MadeGuest.link("/var/lib/dbus/machine-id", to: "../../../etc/machine-id")
        #expect(try await MadeGuest.findings("machine-id", MadeGuest.facts([:], [link])) == [])
        let used = MadeGuest.facts(["/etc/machine-id": "0123456789abcdef0123456789abcdef"], [link])
        #expect(
            try await MadeGuest.findings("machine-id", used) == [
                "/etc/machine-id: has a machine id"
            ])
        let away = MadeGuest.link("/etc/machine-id", to: "/data/machine-id")
        #expect(
            try await MadeGuest.findings("machine-id", MadeGuest.facts([:], [away]))?.count == 1)
        let unread = GuestFacts.Entry(path: "/etc/machine-id", size: 33)
        #expect(
            try await MadeGuest.findings("machine-id", MadeGuest.facts([:], [unread]))
                == ["/etc/machine-id: could not be read"])
    }

    @Test func malware() async throws {
        let found = GuestFacts.Malware(path: "/usr/x", signature: "Eicar-Signature")
        var sought = ScanContext(time: MadeGuest.time)
        sought.isMalwareSought = true
        #expect(
            try await MadeGuest.findings("malware", MadeGuest.facts(malware: [found]), sought)
                == ["/usr/x: is Eicar-Signature"])
        #expect(try await MadeGuest.findings("malware", MadeGuest.facts(), sought) == [])
        #expect(try await MadeGuest.findings("malware", MadeGuest.facts()) == nil)
        #expect(
            try await MadeGuest.findings("malware", MadeGuest.facts(hasRoot: false), sought) == nil)
        // Whoever asked, what was found counts.
        #expect(
            try await MadeGuest.findings(
                "malware", MadeGuest.facts(hasRoot: false, malware: [found]))?
                .count == 1)
    }

    @Test func inspection() async throws {
        var facts = MadeGuest.facts()
        #expect(try await MadeGuest.findings("inspection-complete", facts) == [])
        #expect(try await MadeGuest.findings("readable", facts) == [])
        #expect(try await MadeGuest.findings("guest-system", facts) == [])
        facts.problems = ["/srv is damaged"]
        #expect(
            try await MadeGuest.findings("inspection-complete", facts) == ["-: /srv is damaged"])
        facts.isComplete = false
        #expect(try await MadeGuest.findings("inspection-complete", facts)?.count == 2)
        facts.root = nil
        #expect(
            try await MadeGuest.findings("guest-system", facts)
                == ["-: no file system with a root; the disk has partition 1: ext4"])
        facts.volumes = []
        #expect(
            try await MadeGuest.findings("guest-system", facts)
                == ["-: no file system with a root; the disk has no volumes"])
    }
}
