// SPDX-License-Identifier: Apache-2.0

/// The rules of single values of modifications and waivers: each returns why a value breaks it,
/// or nil. All of them end up in a guest's file system or in front of a program that works on it.
enum ModificationRule {
    /// Longest path in the guest in bytes, and longest name in one (ext4, xfs and btrfs agree).
    static let pathBytesMax = 1024
    static let nameBytesMax = 255
    /// Largest content of a file to write, and largest script, in bytes.
    static let textBytesMax = 16 << 10
    static let packagesMax = 64
    static let packageBytesMax = 128
    static let userBytesMax = 32
    static let keyBytesMax = 8192
    /// Bytes of a disk: 1 MiB to 16 TiB, as the verifier allows by default.
    static let sizes = (1 << 20)...(1 << 44)
    static let sizeUnit = 1 << 20

    /// An absolute path in normal form.
    static func path(_ path: String) -> String? {
        guard (2...pathBytesMax).contains(path.utf8.count), path.utf8.first == slash else {
            return "must be an absolute path of at most \(pathBytesMax) bytes, and not / itself"
        }
        guard path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return "must not hold control characters"
        }
        let names = path.utf8.dropFirst().split(
            separator: slash, omittingEmptySubsequences: false)
        guard names.allSatisfy({ isName($0) }) else {
            return "must be in normal form: no empty part, no '.' or '..', no '/' at the end,"
                + " each part at most \(nameBytesMax) bytes"
        }
        if let first = names.first.map({ String($0) }) ?? nil,
            ["dev", "proc", "sys"].contains(first)
        {
            return "/\(first) is the running kernel's, not the disk's"
        }
        return nil
    }

    private static func isName(_ name: String.UTF8View.SubSequence) -> Bool {
        (1...nameBytesMax).contains(name.count) && !name.elementsEqual(".".utf8)
            && !name.elementsEqual("..".utf8)
    }

    /// What a file or a script holds.
    static func content(_ text: String, _ sizes: ClosedRange<Int>) -> String? {
        guard sizes.contains(text.utf8.count) else {
            return text.isEmpty
                ? "must not be empty" : "must have at most \(sizes.upperBound) bytes"
        }
        return text.utf8.contains(0) ? "must not hold the character NUL" : nil
    }

    /// Permission bits in octal.
    static func mode(_ mode: String?) -> String? {
        guard let mode else { return nil }
        let isOctal =
            (1...5).contains(mode.utf8.count) && mode.utf8.allSatisfy { (48...55).contains($0) }
        guard isOctal, let bits = Int(mode, radix: 8), bits <= 0o7777 else {
            return "must be octal permission bits, \"0\" to \"7777\", such as \"0644\""
        }
        return nil
    }

    /// An account's name, as useradd(8) accepts it.
    static func user(_ user: String) -> String? {
        let isWord = user.utf8.allSatisfy {
            isLower($0) || isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
        let first = user.utf8.first ?? 0
        guard (1...userBytesMax).contains(user.utf8.count), isWord,
            isLower(first) || first == UInt8(ascii: "_")
        else {
            return "must be 1 to \(userBytesMax) of a-z 0-9 _ - and begin with a letter or _"
        }
        return nil
    }

    /// A package's name in any distribution, or the path of a package file in the guest.
    static func package(_ package: String) -> String? {
        guard package.utf8.first != slash else { return packageFile(package) }
        let isWord = package.utf8.allSatisfy { isAlphanumeric($0) || "+._-".utf8.contains($0) }
        guard (1...packageBytesMax).contains(package.utf8.count), isWord,
            package.utf8.first.map(isAlphanumeric) == true
        else {
            return "must be a package's name, 1 to \(packageBytesMax) of A-Z a-z 0-9 + . _ -"
                + " that begin with a letter or digit, or the path of a package file"
        }
        return nil
    }

    private static func packageFile(_ path: String) -> String? {
        if let reason = self.path(path) { return reason }
        let isPlain = path.utf8.allSatisfy { isAlphanumeric($0) || "/+._~-".utf8.contains($0) }
        guard isPlain, [".deb", ".rpm", ".apk"].contains(where: path.hasSuffix) else {
            return "the path of a package file may hold A-Z a-z 0-9 / + . _ ~ - and must end in"
                + " .deb, .rpm or .apk"
        }
        return nil
    }

    /// The operations of virt-sysprep that give the same result each time. Left out: `customize`
    /// and `script`, which are other modifications, and `fs-uuids` and `lvm-uuids`, which draw
    /// lots.
    static let sysprepOperations: Set<String> = [
        "abrt-data", "backup-files", "bash-history", "blkid-tab", "ca-certificates", "crash-data",
        "cron-spool", "dhcp-client-state", "dhcp-server-state", "dovecot-data", "firewall-rules",
        "flag-reconfiguration", "ipa-client", "kerberos-data", "kerberos-hostkeytab", "logfiles",
        "machine-id", "mail-spool", "net-hostname", "net-hwaddr", "net-nmconn", "pacct-log",
        "package-manager-cache", "pam-data", "passwd-backups", "puppet-data-log",
        "rh-subscription-manager", "rhn-systemid", "rpm-db", "samba-db-log", "smolt-uuid",
        "ssh-hostkeys", "ssh-userdir", "sssd-db-log", "tmp-files", "udev-persistent-net",
        "user-account", "utmp", "yum-uuid",
    ]

    static func sysprepOperation(_ name: String) -> String? {
        if sysprepOperations.contains(name) { return nil }
        if ["fs-uuids", "lvm-uuids"].contains(name) {
            return "\(name) gives another image each time: leave it out"
        }
        if ["customize", "script"].contains(name) {
            return "\(name) is not for here: use the modifications write, run, install and so on"
        }
        return "no operation of virt-sysprep has this name"
    }

    static func size(_ size: Int) -> String? {
        sizes.contains(size) && size.isMultiple(of: sizeUnit)
            ? nil
            : "must be \(sizes.lowerBound) to \(sizes.upperBound) bytes in whole MiB"
                + " (multiples of \(sizeUnit))"
    }

    /// The name of a check.
    static func check(_ name: String) -> String? {
        let words = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let areWords = words.allSatisfy { word in
            !word.isEmpty && word.allSatisfy { isLower($0) || isDigit($0) }
        }
        guard name.utf8.count <= 64, areWords, name.utf8.first.map(isLower) == true else {
            return "must be a check's name, such as swap: at most 64 of a-z 0-9 -"
        }
        return nil
    }

    static let slash = UInt8(ascii: "/")

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLower(byte) || (65...90).contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    static func isLower(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
}
