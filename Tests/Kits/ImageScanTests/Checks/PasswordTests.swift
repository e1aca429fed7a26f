// SPDX-License-Identifier: Apache-2.0
import ImageScan
import Testing

@Suite struct PasswordTests {
    enum State { case empty, hash, neither }

    @Test(arguments: [
        ("", State.empty), ("*", .neither), ("!", .neither), ("!!", .neither), ("!*", .neither),
        ("x", .neither), ("*LK*", .neither), ("!unset", .neither), ("NP", .neither),
        ("$6$salt$abcdef", .hash), ("$y$j9T$abc$def", .hash), ("$1$a$b", .hash),
        ("$2b$12$abcdefghijklmnopqrstuv", .hash), ("$new$scheme", .hash), ("$", .hash),
        ("_J9..rasmBYk8r9AiWNc", .hash), ("ab01234567./Z", .hash),
        ("!$6$salt$abcdef", .neither), ("!!$6$salt$abcdef", .neither), (" ", .neither),
        ("ab01234567./Z0123456789.", .hash), ("ab01234567./Z0", .neither),
    ])
    func fieldOfShadow(field: String, state: State) async throws {
        let facts = MadeGuest.facts([
            "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
            "/etc/shadow": "daemon:*:1::::::\nroot:\(field):20000:0:99999:7:::\n",
        ])
        let empty = try await MadeGuest.findings("empty-password", facts)
        let hash = try await MadeGuest.findings("password-hash", facts)
        let isEmpty = empty == ["/etc/shadow: account 'root' has an empty password"]
        #expect(isEmpty == (state == .empty))
        #expect(empty?.isEmpty == (state != .empty))
        #expect(hash?.isEmpty == (state != .hash))
    }

    @Test func fieldOfPasswdCountsBeforeShadow() async throws {
        let facts = MadeGuest.facts([
            "/etc/passwd":
                "root:x:0:0::/root:/bin/sh\nguest::1:1::/:/bin/sh\nold:$1$a$b:2:2::/:/bin/sh\n",
            "/etc/shadow": "root:*:1::::::\nguest:*:1::::::\nold:*:1::::::\n",
        ])
        #expect(
            try await MadeGuest.findings("empty-password", facts)
                == ["/etc/passwd: account 'guest' has an empty password"])
        #expect(
            try await MadeGuest.findings("password-hash", facts)
                == ["/etc/passwd: account 'old' has a password (MD5)"])
    }

    @Test(arguments: ["/etc/tcb/root/shadow", "/var/lib/extrausers/shadow"])
    func otherPlacesOfAccounts(path: String) async throws {
        let facts = MadeGuest.facts([path: "root::1::::::\n"])
        #expect(
            try await MadeGuest.findings("empty-password", facts)
                == ["\(path): account 'root' has an empty password"])
    }

    @Test func everyLineCounts() async throws {
        // What follows a first line of the same name, indented or without a line break, too.
        let shadow = "root:*:::::::\nroot::::::::\n  toor::::::::\r\n+::::::::\nlast:"
        let facts = MadeGuest.facts(["/etc/shadow": shadow])
        let found = try #require(try await MadeGuest.findings("empty-password", facts))
        #expect(found.count == 4)
        #expect(found.allSatisfy { $0.hasSuffix("has an empty password") })
    }

    @Test func linesThatAreNoAccountsAreNotPassedOver() async throws {
        let facts = MadeGuest.facts(["/etc/shadow": "# a comment\n\n\nroot\nbin:*:\n"])
        #expect(
            try await MadeGuest.findings("empty-password", facts)
                == ["/etc/shadow: line 4 is not an account"])
    }

    @Test func aNULEndsALine() async throws {
        let facts = MadeGuest.facts(["/etc/shadow": "root:\0*:1:::::\n"])
        #expect(
            try await MadeGuest.findings("empty-password", facts)
                == ["/etc/shadow: account 'root' has an empty password"])
    }

    @Test func hashesAreNeverQuotedAndNamesAreMadeVisible() async throws {
        let facts = MadeGuest.facts(["/etc/shadow": "ro\u{1b}[2Jot:$6$secret$hash:1::::::\n"])
        #expect(
            try await MadeGuest.findings("password-hash", facts)
                == ["/etc/shadow: account 'ro\\u{1b}[2Jot' has a password (SHA-512)"])
    }

    @Test func copiesKeepHashes() async throws {
        let facts = MadeGuest.facts([
            "/etc/shadow": "root:!:1::::::\n", "/etc/shadow-": "root:$6$a$b:1::::::\n",
            "/etc/passwd-": "root:x:0:0::/root:/bin/sh\n",
            "/etc/security/opasswd": "root:0:2:$1$a$b,$6$c$d\n",
        ])
        #expect(try await MadeGuest.findings("empty-password", facts) == [])
        #expect(
            try await MadeGuest.findings("password-hash", facts) == [
                "/etc/shadow-: account 'root' has a password (SHA-512)",
                "/etc/security/opasswd: account 'root' has a password (MD5)",
                "/etc/security/opasswd: account 'root' has a password (SHA-512)",
            ])
    }

    @Test(arguments: ["empty-password", "password-hash"])
    func whatWasNotReadDoesNotPass(name: String) async throws {
        let unread = GuestFacts.Entry(path: "/etc/shadow", size: 100)
        #expect(
            try await MadeGuest.findings(name, MadeGuest.facts([:], [unread]))
                == ["/etc/shadow: could not be read"])
        let cut = MadeGuest.file("/etc/shadow", "root:*:\n", isTruncated: true)
        #expect(
            try await MadeGuest.findings(name, MadeGuest.facts([:], [cut]))
                == ["/etc/shadow: is longer than the 8 bytes that are read"])
        let away = MadeGuest.link("/etc/shadow", to: "/data/shadow")
        #expect(
            try await MadeGuest.findings(name, MadeGuest.facts([:], [away]))
                == ["/etc/shadow: is a link to '/data/shadow', which was not read"])
        let followed = MadeGuest.facts(["/data/shadow": "root:*:\n"], [away])
        #expect(try await MadeGuest.findings(name, followed) == [])
        let circle = [
            MadeGuest.link("/etc/shadow", to: "shadow2"),
            MadeGuest.link("/etc/shadow2", to: "shadow"),
        ]
        #expect(try await MadeGuest.findings(name, MadeGuest.facts([:], circle))?.count == 1)
    }

    @Test func withoutFilesThereIsNothingToFind() async throws {
        #expect(try await MadeGuest.findings("empty-password", MadeGuest.facts()) == [])
        let noRoot = MadeGuest.facts(hasRoot: false)
        #expect(try await MadeGuest.findings("empty-password", noRoot) == nil)
    }
}
