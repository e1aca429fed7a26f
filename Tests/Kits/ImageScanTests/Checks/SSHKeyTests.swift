// SPDX-License-Identifier: Apache-2.0
import ImageScan
import Testing

@Suite struct SSHKeyTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtnYXJjaGl2ZS1ub3QtYS1rZXk"

    @Test(arguments: [
        "/root/.ssh/authorized_keys", "/root/.ssh/authorized_keys2",
        "/home/debian/.ssh/authorized_keys", "/srv/backup/.ssh/authorized_keys",
        "/var/lib/postgresql/.ssh/authorized_keys2", "/.ssh/authorized_keys",
        "/etc/ssh/authorized_keys/root", "/etc/ssh/authorized_keys.d/root/keys",
        "/etc/ssh/authorized_keys", "/etc/dropbear/authorized_keys",
        "/etc/skel/.ssh/authorized_keys",
    ])
    func aKeyIsFoundWhereverItIs(path: String) async throws {
        #expect(
            try await MadeGuest.findings("authorized-keys", MadeGuest.facts([path: Self.key]))
                == ["\(path): line 1 authorises a key (ssh-ed25519)"])
    }

    @Test(arguments: [
        (key, "authorises a key (ssh-ed25519)"),
        (
            "from=\"192.0.2.0/24\",command=\"echo \\\"hi there\\\"\",no-pty \(key) me",
            "authorises a key (ssh-ed25519)"
        ),
        ("  \t\(key)", "authorises a key (ssh-ed25519)"),
        (
            "cert-authority sk-ssh-ed25519@openssh.com AAAA",
            "authorises a key (sk-ssh-ed25519@openssh.com)"
        ),
        ("ecdsa-sha2-nistp256 AAAA", "authorises a key (ecdsa-sha2-nistp256)"),
        ("2048 65537 1234567890 me@old", "may authorise a key"),
        ("newer-type AAAA", "may authorise a key"),
    ])
    func lines(line: String, message: String) async throws {
        let path = "/root/.ssh/authorized_keys"
        let facts = MadeGuest.facts([path: "# for the maker\n\n\(line)\n"])
        #expect(
            try await MadeGuest.findings("authorized-keys", facts) == ["\(path): line 3 \(message)"]
        )
    }

    @Test(arguments: ["", "\n\n", "# \(key)\n", "   # \(key)", "\r\n"])
    func commentsAndBlankLinesAreNoKeys(text: String) async throws {
        let facts = MadeGuest.facts([
            "/root/.ssh/authorized_keys": text, "/root/.ssh/known_hosts": Self.key,
            "/root/.ssh/id_ed25519.pub": Self.key,
        ])
        #expect(try await MadeGuest.findings("authorized-keys", facts) == [])
    }

    @Test func aLinkToNowhereCountsUnlessItIsTheNullDevice() async throws {
        let path = "/root/.ssh/authorized_keys"
        func found(_ target: String) async throws -> [String]? {
            let facts = MadeGuest.facts([:], [MadeGuest.link(path, to: target)])
            return try await MadeGuest.findings("authorized-keys", facts)
        }
        #expect(try await found("/dev/null") == [])
        #expect(try await found("../../dev/null") == [])
        #expect(
            try await found("/opt/keys") == [
                "\(path): is a link to '/opt/keys', which was not read"
            ])
    }

    @Test(arguments: [
        (".ssh/authorized_keys .ssh/authorized_keys2", 0), ("%h/.ssh/authorized_keys", 0),
        ("/etc/ssh/authorized_keys.d/%u", 0), ("none", 0), ("/opt/keys/%u", 1), ("keys", 1),
    ])
    func filesThatSSHDReadsElsewhereAreFound(files: String, count: Int) async throws {
        let facts = MadeGuest.facts(["/etc/ssh/sshd_config": "AuthorizedKeysFile \(files)\n"])
        #expect(try await MadeGuest.findings("authorized-keys", facts)?.count == count)
    }

    private static func pem(_ kind: String) -> String {
        "-----BEGIN \(kind)-----\nAAAA\n-----END \(kind)-----\n"
    }

    @Test(arguments: [
        ("/root/.ssh/id_ed25519", "OPENSSH PRIVATE KEY"), ("/root/key", "RSA PRIVATE KEY"),
        ("/home/me/work/tls.txt", "EC PRIVATE KEY"), ("/srv/app/.ssh/deploy", "PRIVATE KEY"),
        ("/etc/ssl/private/ssl-cert-snakeoil.key", "PRIVATE KEY"),
        ("/etc/pki/tls/private/localhost.key", "ENCRYPTED PRIVATE KEY"),
        ("/etc/nginx/tls/server.key", "PRIVATE KEY"), ("/home/me/a/b/c/d.pem", "DSA PRIVATE KEY"),
        ("/root/backup.asc", "PGP PRIVATE KEY BLOCK"), ("/opt/id_rsa", "RSA PRIVATE KEY"),
    ])
    func privateKeysAreFound(path: String, kind: String) async throws {
        let facts = MadeGuest.facts([path: "Comment: me\n   \(Self.pem(kind))"])
        #expect(
            try await MadeGuest.findings("private-keys", facts)
                == ["\(path): is a private key (\(kind))"])
    }

    @Test func otherFormsOfPrivateKeys() async throws {
        let facts = MadeGuest.facts([
            "/root/key.ppk": "PuTTY-User-Key-File-3: ssh-ed25519\n",
            "/root/.ssh/commercial": "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nAAAA\n",
            "/root/.gnupg/private-keys-v1.d/0123.key":
                "Created: 20260101T000000\nKey: (private-key\n",
        ])
        #expect(
            try await MadeGuest.findings("private-keys", facts) == [
                "/root/.gnupg/private-keys-v1.d/0123.key: is a private key (GnuPG)",
                "/root/.ssh/commercial: is a private key (SSH2 ENCRYPTED PRIVATE KEY)",
                "/root/key.ppk: is a private key (PuTTY)",
            ])
    }

    @Test func whatIsNoPrivateKeyPasses() async throws {
        let facts = MadeGuest.facts([
            "/root/.ssh/id_ed25519.pub": Self.key, "/root/cert.pem": Self.pem("CERTIFICATE"),
            "/root/public.pem": Self.pem("PUBLIC KEY"),
            "/root/check.sh": "grep -e '-----BEGIN RSA PRIVATE KEY-----' *\n",
            "/root/notes": "a private key begins with BEGIN PRIVATE KEY\n",
            "/etc/ssh/ssh_host_rsa_key": Self.pem("OPENSSH PRIVATE KEY"),
            "/usr/share/doc/test.pem": Self.pem("PRIVATE KEY"), "/etc/ssl/private/empty.key": "",
        ])
        #expect(try await MadeGuest.findings("private-keys", facts) == [])
    }

    @Test func hostKeysAreFound() async throws {
        let facts = MadeGuest.facts(
            [
                "/etc/ssh/ssh_host_ed25519_key": "secret", "/etc/ssh/ssh_host_key": "secret",
                "/etc/ssh/ssh_host_ed25519_key.pub": "public", "/etc/ssh/ssh_host_rsa_key": "",
                "/etc/dropbear/dropbear_rsa_host_key": "secret",
            ],
            [
                MadeGuest.link("/etc/ssh/ssh_host_ecdsa_key", to: "/data/key"),
                MadeGuest.link("/etc/ssh/ssh_host_dsa_key", to: "/dev/null"),
            ])
        #expect(
            try await MadeGuest.findings("ssh-host-keys", facts) == [
                "/etc/dropbear/dropbear_rsa_host_key: is a private host key",
                "/etc/ssh/ssh_host_ecdsa_key: is a private host key",
                "/etc/ssh/ssh_host_ed25519_key: is a private host key",
                "/etc/ssh/ssh_host_key: is a private host key",
            ])
        #expect(
            try await MadeGuest.findings("ssh-host-keys", MadeGuest.facts(["/etc/ssh/moduli": "x"]))
                == [])
    }
}
