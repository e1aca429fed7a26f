// SPDX-License-Identifier: Apache-2.0
import Events

extension Check {
    static let emptyPassword = Check(
        "empty-password", .critical, "An account has an empty password",
        documentation: Documentation(
            finds: """
                Accounts whose password field is empty in /etc/shadow, or in /etc/passwd, where \
                that makes /etc/shadow meaningless; and lines there that are no accounts, which \
                programs read differently. A locked account (`!`, `*`) passes.
                """,
            matters: "Anybody who reaches the console or a service logs in by name alone.",
            mend: "Lock the account: `passwd -l NAME`, or `password: {user: NAME, locked: true}`.",
            waive: "Hardly ever; perhaps for an appliance that only ever runs without a network."),
        needs: Accounts.needs
    ) { guest, _ in
        var findings: [Finding] = []
        for account in Accounts.all(guest, &findings) where account.password.isEmpty {
            findings.append(
                Finding("account '\(account.name)' has an empty password", path: account.path))
        }
        return CheckResult(findings)
    }

    static let passwordHash = Check(
        "password-hash", .high, "An account has a password",
        documentation: Documentation(
            finds: """
                Password hashes that can be used, in /etc/shadow, /etc/passwd and the copies that \
                tools leave behind (/etc/shadow-, /etc/passwd-, /etc/security/opasswd). A locked \
                account passes, also when `passwd -l` has kept its hash behind the `!`.
                """,
            matters: """
                Everybody can download the image and try passwords on the hash. Then every guest \
                of this image is open.
                """,
            mend: """
                Lock the account: `passwd -l NAME`, better `usermod -p '!' NAME`, which also \
                forgets the hash. Remove copies: `rm /etc/shadow- /etc/security/opasswd`. Give \
                keys or passwords to guests through cloud-init.
                """,
            waive: "When the password is meant to be public, as CirrOS's is, and guests are tests."),
        needs: Accounts.needs + Accounts.copies
    ) { guest, _ in
        var findings: [Finding] = []
        var accounts = Accounts.all(guest, &findings)
        for copy in Accounts.copies { accounts += Accounts.kept(copy.glob, guest, &findings) }
        for account in accounts {
            guard let scheme = PasswordHash.scheme(account.password) else { continue }
            findings.append(
                Finding("account '\(account.name)' has a password (\(scheme))", path: account.path))
        }
        return CheckResult(findings)
    }
}

/// One line of a guest's passwd or shadow file.
private struct Account {
    var name: String
    var password: Substring
    var path: String
}

private enum Accounts {
    private static let bytesMax = 1 << 20
    /// Of glibc and musl, of ALT's tcb and of Ubuntu's libnss-extrausers.
    static let needs = [
        "/etc/passwd", "/etc/shadow", "/etc/tcb/*/shadow", "/var/lib/extrausers/passwd",
        "/var/lib/extrausers/shadow",
    ].map { InspectionQuery.Pattern($0, contentBytesMax: bytesMax) }
    static let copies = ["/etc/passwd-", "/etc/shadow-", "/etc/security/opasswd"].map {
        InspectionQuery.Pattern($0, contentBytesMax: bytesMax)
    }

    /// Accounts that a guest's programs see. A password of `x` in passwd means that of shadow.
    static func all(_ guest: Guest, _ findings: inout [Finding]) -> [Account] {
        var accounts: [Account] = []
        for entry in guest.entries(needs) {
            guard let text = guest.text(entry, &findings) else { continue }
            accounts += self.accounts(text, entry.path, &findings)
        }
        return accounts
    }

    /// Accounts in a copy; those of opasswd have several old hashes each, behind two numbers.
    static func kept(
        _ path: String, _ guest: Guest, _ findings: inout [Finding]
    ) -> [Account] {
        guard let text = guest.text(path, &findings) else { return [] }
        guard path.hasSuffix("opasswd") else { return accounts(text, path, &findings) }
        return text.lines.flatMap { line in
            let fields = line.text.split(separator: ":", omittingEmptySubsequences: false)
            return fields.dropFirst(3).first?.split(separator: ",").map {
                Account(name: String(fields[0]), password: $0, path: path)
            } ?? []
        }
    }

    private static func accounts(
        _ text: GuestText, _ path: String, _ findings: inout [Finding]
    ) -> [Account] {
        var accounts: [Account] = []
        for line in text.lines {
            guard let statement = line.statement else { continue }
            let fields = statement.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 1 else {
                findings.append(Finding("line \(line.number) is not an account", path: path))
                continue
            }
            accounts.append(Account(name: String(fields[0]), password: fields[1], path: path))
        }
        return accounts
    }
}

/// What crypt(5) accepts as a hashed password.
enum PasswordHash {
    /// How a password field was hashed; nil when nothing typed can ever match it, as for an
    /// account that is locked (`!`, also before a hash) or never had a password (`*`, `x`).
    static func scheme(_ field: Substring) -> String? {
        if field.hasPrefix("$") {
            let id = field.dropFirst().prefix { $0 != "$" }
            return schemes[id] ?? "unknown scheme"
        }
        if field.hasPrefix("_") { return "BSDi DES" }
        // DES has 13 characters, and its extension bigcrypt 11 more for each further piece.
        let isDES = field.utf8.count >= 13 && (field.utf8.count - 2) % 11 == 0
        return isDES && field.utf8.allSatisfy(isDESCharacter) ? "DES" : nil
    }

    private static let schemes: [Substring: String] = [
        "1": "MD5", "2a": "bcrypt", "2b": "bcrypt", "2x": "bcrypt", "2y": "bcrypt", "3": "NT",
        "5": "SHA-256", "6": "SHA-512", "7": "scrypt", "gy": "gost-yescrypt", "md5": "Sun MD5",
        "sha1": "SHA-1", "y": "yescrypt",
    ]

    private static func isDESCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
