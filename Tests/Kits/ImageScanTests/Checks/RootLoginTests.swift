// SPDX-License-Identifier: Apache-2.0
import ImageScan
import Testing

@Suite struct RootLoginTests {
    private static let path = "/etc/ssh/sshd_config"
    private static let finding = "\(path): root may log in with a password"

    private static func permits(
        _ config: String, _ files: [String: String] = [:], packages: GuestFacts.Packages? = nil
    ) async throws -> Bool {
        let files = files.merging([path: config]) { $1 }
        let found = try await MadeGuest.findings(
            "ssh-root-password", MadeGuest.facts(files, packages: packages))
        #expect(found == [] || found == [finding])
        return found == [finding]
    }

    @Test(arguments: [
        ("", false), ("PermitRootLogin yes", true), ("permitrootlogin=YES", true),
        ("PermitRootLogin = \"yes\"", true), ("\tPermitRootLogin\tyes # really", true),
        ("#PermitRootLogin yes", false), ("PermitRootLogin prohibit-password", false),
        ("PermitRootLogin without-password", false), ("PermitRootLogin no", false),
        ("PermitRootLogin forced-commands-only", false),
        ("PermitRootLogin no\nPermitRootLogin yes", false),
        ("PermitRootLogin yes\nPermitRootLogin no", true),
        ("PermitRootLogin yes\nPasswordAuthentication no", false),
        ("PermitRootLogin yes\nPasswordAuthentication no\nUsePAM yes", true),
        (
            "PermitRootLogin yes\nPasswordAuthentication no\nUsePAM yes\nKbdInteractiveAuthentication no",
            false
        ),
        (
            "PermitRootLogin yes\nPasswordAuthentication no\nUsePAM yes\n"
                + "ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes", false
        ),
        ("PermitRootLogin yes\nAuthenticationMethods publickey", false),
        ("PermitRootLogin yes\nAuthenticationMethods publickey,password", false),
        ("PermitRootLogin yes\nAuthenticationMethods publickey password", true),
        ("PermitRootLogin yes\nAuthenticationMethods keyboard-interactive:pam", true),
        ("PermitRootLogin yes\r\nPasswordAuthentication no\r\n", false),
        ("PermitRootLogin y\"es\"", true), ("PermitRootLogin 'yes'", true),
        ("PermitRootLogin \"yes", true), ("PermitRootLogin = = yes", false),
        ("\"PermitRootLogin\" yes", true),
        ("Permit\"RootLogin\"yes", true), ("\"PermitRootLogin\" no\nPermitRootLogin yes", false),
        ("PermitRootLogin no#yes", false),
        ("PermitRootLoginX yes", false), ("PermitRootLogin", false),
    ])
    func options(config: String, permits: Bool) async throws {
        #expect(try await Self.permits(config) == permits)
    }

    @Test(arguments: [
        ("Match Address 192.0.2.0/24\n PermitRootLogin yes", true),
        ("Match User git\n PermitRootLogin yes", false),
        ("Match User root\n PermitRootLogin yes", true),
        ("Match User r*\n PermitRootLogin yes", true),
        ("Match User *,!root\n PermitRootLogin yes", false),
        ("Match Group wheel\n PermitRootLogin yes", true),
        ("Match invalid-user\n PermitRootLogin yes", false),
        ("PermitRootLogin yes\nMatch all\n PermitRootLogin no", false),
        ("PermitRootLogin no\nMatch all\n PermitRootLogin yes", true),
        ("Match Address 192.0.2.1\n PermitRootLogin no\n PermitRootLogin yes", false),
        // The block that permits root forbids passwords.
        ("Match Address 192.0.2.1\n PermitRootLogin yes\n PasswordAuthentication no", false),
        (
            "PermitRootLogin yes\nPasswordAuthentication no\nMatch User git\n PasswordAuthentication yes",
            false
        ),
        (
            "PermitRootLogin yes\nPasswordAuthentication no\nMatch LocalPort 22\n"
                + " PasswordAuthentication yes", true
        ),
        // One block permits root, another passwords; a client may meet both.
        (
            "PasswordAuthentication no\nMatch Address 192.0.2.1\n PermitRootLogin yes\n"
                + "Match LocalPort 22\n PasswordAuthentication yes", true
        ),
        ("Match User=root\n PermitRootLogin=yes", true),
    ])
    func matchBlocks(config: String, permits: Bool) async throws {
        #expect(try await Self.permits(config) == permits)
    }

    @Test func includedFilesComeInOrderWhereTheyAreNamed() async throws {
        let include = "Include /etc/ssh/sshd_config.d/*.conf\n"
        let folder = "/etc/ssh/sshd_config.d"
        let first = ["\(folder)/50-cloud-init.conf": "PermitRootLogin yes"]
        #expect(try await Self.permits(include + "PermitRootLogin no", first))
        #expect(try await !Self.permits("PermitRootLogin no\n" + include, first))
        #expect(try await !Self.permits("PermitRootLogin no", first))
        let both = first.merging(["\(folder)/10-hard.conf": "PermitRootLogin no"]) { $1 }
        #expect(try await !Self.permits(include, both))
        // Neither hidden files nor those with another ending are read.
        let others = [
            "\(folder)/.x.conf": "PermitRootLogin yes", "\(folder)/x": "PermitRootLogin yes",
        ]
        #expect(try await !Self.permits(include, others))
        #expect(try await Self.permits("Include sshd_config.d/.x.conf", others))
        #expect(try await Self.permits("Include sshd_config.d/*.conf", first))
        #expect(try await Self.permits("Include x.conf sshd_config.d/*.conf", first))
    }

    @Test func includesInMatchBlocksBelongToThem() async throws {
        let file = "/etc/ssh/root.conf"
        let yes = [file: "PermitRootLogin yes"]
        #expect(try await !Self.permits("Match User git\nInclude root.conf", yes))
        #expect(try await Self.permits("Match Address 192.0.2.1\nInclude root.conf", yes))
        // A block that begins in an included file ends with it.
        let block = [file: "Match User git\nX11Forwarding no"]
        #expect(try await Self.permits("Include root.conf\nPermitRootLogin yes", block))
        let inner = [file: "Match Address 192.0.2.1\nPermitRootLogin yes"]
        #expect(try await !Self.permits("Match User git\nInclude root.conf", inner))
    }

    /// As Red Hat's packages have it.
    @Test func theSystemsCryptoPolicyMayBeIncluded() async throws {
        let policy = "/etc/crypto-policies/back-ends/opensshserver.config"
        let target = "/usr/share/crypto-policies/DEFAULT/opensshserver.txt"
        func found(_ ciphers: String) async throws -> [String]? {
            let facts = MadeGuest.facts(
                [
                    Self.path: "Include /etc/ssh/sshd_config.d/*.conf\n", target: ciphers,
                    "/etc/ssh/sshd_config.d/50-redhat.conf": "UsePAM yes\nInclude \(policy)\n",
                ], [MadeGuest.link(policy, to: target)])
            return try await MadeGuest.findings("ssh-root-password", facts)
        }
        #expect(try await found("Ciphers aes256-gcm@openssh.com\n") == [])
        #expect(try await found("PermitRootLogin yes\n") == [Self.finding])
    }

    @Test func whatIsIncludedFromElsewhereIsFound() async throws {
        for name in ["/opt/sshd.conf", "../other/x", "/etc/ssh/[ab].conf"] {
            let facts = MadeGuest.facts([Self.path: "Include \(name)"])
            #expect(
                try await MadeGuest.findings("ssh-root-password", facts)
                    == ["\(Self.path): includes '\(name)', which was not looked into"])
        }
        // A file that includes itself ends at a bound.
        let circle = MadeGuest.facts([Self.path: "Include sshd_config\nPermitRootLogin no"])
        #expect(try await MadeGuest.findings("ssh-root-password", circle)?.count == 1)
    }

    @Test(.timeLimit(.minutes(1))) func filesThatIncludeEachOtherManyTimesEnd() async throws {
        let many = String(repeating: "Include sshd_config other.conf\n", count: 2_000)
        let facts = MadeGuest.facts([Self.path: many, "/etc/ssh/other.conf": many])
        let found = try #require(try await MadeGuest.findings("ssh-root-password", facts))
        #expect(found.contains("\(Self.path): the configuration of sshd is too long to judge"))
    }

    @Test func hugeConfigurationsAreFound() async throws {
        let blocks = String(repeating: "Match User a\nPermitRootLogin no\n", count: 200)
        let facts = MadeGuest.facts([Self.path: blocks])
        #expect(
            try await MadeGuest.findings("ssh-root-password", facts)
                == ["\(Self.path): the configuration of sshd is too long to judge"])
    }

    @Test(arguments: [
        (GuestFacts.Packages.Manager.dpkg, "1:6.6p1-4~bpo70+1", true), (.dpkg, "1:9.2p1-2", false),
        (.rpm, "7.4p1-23.el7_9", true), (.rpm, "8.7p1-38.el9", false), (.apk, "10.0_p1-r7", false),
        (.dpkg, "nonsense", false), (.dpkg, "", false),
    ])
    func defaultsDependOnTheVersion(
        manager: GuestFacts.Packages.Manager, version: String, permits: Bool
    ) async throws {
        let package = GuestFacts.Package(
            name: "openssh-server", version: version, architecture: "amd64")
        let packages = MadeGuest.packages([package], manager: manager)
        #expect(try await Self.permits("", packages: packages) == permits)
        #expect(try await !Self.permits("PermitRootLogin no", packages: packages))
    }

    @Test func withoutADaemonThereIsNothingToSay() async throws {
        let client = GuestFacts.Package(
            name: "openssh-client", version: "1:9.2p1-2", architecture: "amd64")
        let facts = MadeGuest.facts(
            ["/etc/ssh/ssh_config": ""], packages: MadeGuest.packages([client]))
        #expect(try await MadeGuest.findings("ssh-root-password", facts) == nil)
        let daemon = MadeGuest.facts(["/usr/sbin/sshd": "ELF"])
        #expect(try await MadeGuest.findings("ssh-root-password", daemon) == [])
        let vendor = MadeGuest.facts(["/usr/etc/ssh/sshd_config": "PermitRootLogin yes"])
        #expect(try await MadeGuest.findings("ssh-root-password", vendor)?.count == 1)
    }
}
