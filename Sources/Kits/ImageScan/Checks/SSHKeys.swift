// SPDX-License-Identifier: Apache-2.0
import Events

extension Check {
    static let authorizedKeys = Check(
        "authorized-keys", .high, "A key is authorised to log in",
        documentation: Documentation(
            finds: """
                Keys in authorized_keys and authorized_keys2 of any account, wherever its home is, \
                in /etc/ssh/authorized_keys*, of dropbear, and other places that sshd is told to \
                read and the inspection did not. Options before a key change nothing; comments and \
                empty files pass.
                """,
            matters: "Whoever has the private key enters every guest of this image.",
            mend: """
                Empty the files, as the last step of building: `virt-sysprep --operations \
                ssh-userdir`, or `sshKey: {user: NAME, remove: KEY}`. Let cloud-init put the \
                user's key there.
                """,
            waive: "When the federation itself keeps a key in its images, and the user knows."),
        needs: AuthorizedKeys.needs
    ) { guest, _ in
        CheckResult(AuthorizedKeys.findings(guest))
    }

    static let sshHostKeys = Check(
        "ssh-host-keys", .high, "The image brings SSH host keys",
        documentation: Documentation(
            finds: "Private host keys of OpenSSH (/etc/ssh/ssh_host_*key) and dropbear.",
            matters: """
                Every guest of the image has the same keys, and everybody who downloads it can \
                pose as each of them.
                """,
            mend: """
                `rm /etc/ssh/ssh_host_*`, or `virt-sysprep --operations ssh-hostkeys`. Guests make \
                their own when they start first.
                """,
            waive: "Never for an image that others run."),
        needs: hostKeys
    ) { guest, _ in
        let keys = guest.entries(hostKeys).filter { entry in
            switch entry.kind {
            case .file: entry.size > 0
            case .link: entry.target != "/dev/null"
            case .directory, .other: false
            }
        }
        return CheckResult(keys.map { Finding("is a private host key", path: $0.path) })
    }

    static let privateKeys = Check(
        "private-keys", .critical, "The image brings a private key",
        documentation: Documentation(
            finds: """
                Private keys of OpenSSH, PuTTY, OpenPGP and PEM (encrypted or not): in the first \
                two levels of /root and of every home in /home, in .ssh and .gnupg of any account, \
                in /etc/ssl/private, /etc/pki/tls/private and /etc/letsencrypt, in files *.key and \
                *.pem below /etc, /root and /home, and in files called id_*. The first 16 KiB of \
                each are read. The key that Debian's ssl-cert makes counts, too: it is meant to \
                differ on every machine. Host keys of SSH have a check of their own.
                """,
            matters: "It is no longer private once the image is published.",
            mend: """
                Remove the file, and replace the key wherever it was used, if this image has ever \
                been given away. For ssl-cert: `rm /etc/ssl/private/ssl-cert-snakeoil.key`, and \
                `make-ssl-cert generate-default-snakeoil` when the guest starts first.
                """,
            waive: "For a key that is public knowledge, such as Vagrant's in a test image."),
        needs: PrivateKeys.needs
    ) { guest, _ in
        CheckResult(PrivateKeys.findings(guest))
    }
}

private let hostKeys = ["/etc/ssh/ssh_host_*key", "/etc/dropbear/*_host_key"].map {
    InspectionQuery.Pattern($0)
}

private enum AuthorizedKeys {
    private static let globs = [
        "/**/.ssh/authorized_keys", "/**/.ssh/authorized_keys2", "/etc/ssh/authorized_keys",
        "/etc/ssh/authorized_keys/**", "/etc/ssh/authorized_keys.d/**",
        "/etc/ssh/authorized_keys*", "/etc/dropbear/authorized_keys",
    ]
    /// The folder /etc/ssh is among what the daemon needs. Of names without `**` the inspection
    /// follows links.
    static let needs =
        [
            "/**/.ssh/authorized_keys", "/**/.ssh/authorized_keys2", "/root/.ssh/authorized_keys",
            "/root/.ssh/authorized_keys2", "/home/*/.ssh/authorized_keys",
            "/home/*/.ssh/authorized_keys2", "/etc/dropbear/authorized_keys",
        ].map { InspectionQuery.Pattern($0, contentBytesMax: 64 << 10) } + SSHDaemon.needs

    static func findings(_ guest: Guest) -> [Finding] {
        var findings: [Finding] = []
        let patterns = globs.map { InspectionQuery.Pattern($0) }
        for entry in guest.entries(patterns) {
            guard let text = guest.text(entry, &findings) else { continue }
            for line in text.lines {
                guard let statement = line.statement else { continue }
                findings.append(Finding("line \(line.number) \(kind(statement))", path: entry.path))
            }
        }
        return findings + unread(guest)
    }

    /// Says what a line holds, without its key. The type stands first or behind options, which
    /// may hold spaces in quotes. A line of an unknown type counts: sshd may know it.
    private static func kind(_ statement: Substring) -> String {
        let words = statement.split(whereSeparator: \.isWhitespace)
        let prefixes = ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-", "rsa-sha2-"]
        let type = words.first { word in prefixes.contains { word.hasPrefix($0) } }
        return type.map { "authorises a key (\($0))" } ?? "may authorise a key"
    }

    /// Files that sshd reads keys from and the inspection does not.
    private static func unread(_ guest: Guest) -> [Finding] {
        guard let daemon = SSHDaemon(guest) else { return [] }
        let globs = globs.map(Glob.init)
        return daemon.authorizedKeysFiles.filter { name in
            let home = name.hasPrefix("%h/") ? name.dropFirst(3) : name[...]
            let path = home.hasPrefix("/") ? String(home) : "/home/" + home
            return name != "none" && !globs.contains { $0.matches(path) }
        }.map { Finding("sshd reads keys from '\($0)', which was not looked into") }
    }
}

private enum PrivateKeys {
    private static let bytesMax = 16 << 10
    static let needs =
        [
            "/root/*", "/root/*/*", "/root/**/*.key", "/root/**/*.pem", "/home/*/*", "/home/*/*/*",
            "/home/**/*.key", "/home/**/*.pem", "/**/.ssh/*", "/**/id_*",
            "/**/.gnupg/private-keys-v1.d/*",
            "/etc/ssl/private/**", "/etc/pki/tls/private/**", "/etc/pki/CA/private/**",
            "/etc/letsencrypt/**", "/etc/**/*.key", "/etc/**/*.pem",
        ].map { InspectionQuery.Pattern($0, contentBytesMax: bytesMax) }

    static func findings(_ guest: Guest) -> [Finding] {
        guest.entries(needs).compactMap { entry in
            // Only what could not be read at all: keys stand at a file's beginning.
            var unread: [Finding] = []
            guard entry.kind == .file, entry.size > 0, !entry.path.hasPrefix("/etc/ssh/ssh_host_")
            else { return nil }
            if entry.path.contains("/.gnupg/private-keys-v1.d/") {
                return Finding("is a private key (GnuPG)", path: entry.path)
            }
            guard let text = guest.text(entry, &unread) else { return unread.first }
            let lines = text.lines.lazy.map { $0.text.trimmed }
            return lines.compactMap(kind).first.map {
                Finding("is a private key (\($0))", path: entry.path)
            }
        }
    }

    /// What a line begins; nil for any other line (RFC 7468 section 2, and others' own forms).
    private static func kind(_ line: Substring) -> String? {
        if line.hasPrefix("PuTTY-User-Key-File-") { return "PuTTY" }
        guard line.hasPrefix("-----BEGIN ") || line.hasPrefix("---- BEGIN "),
            line.hasSuffix("----"),
            line.contains("PRIVATE KEY")
                || line.contains("SSH2 ENCRYPTED PRIVATE KEY")
        else { return nil }
        return String(
            line.drop { $0 == "-" || $0 == " " }.dropFirst(6).prefix { $0 != "-" }.trimmed)
    }
}
