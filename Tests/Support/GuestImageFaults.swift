// SPDX-License-Identifier: Apache-2.0
import Foundation

/// One thing that is wrong with a guest, and nothing else of it; some only look wrong.
public enum GuestFault: String, Codable, Sendable, CaseIterable {
    case emptyPassword, emptyPasswordInPasswd
    case passwordHash, passwordHashInPasswd
    /// In the copy of the shadow file that tools leave behind.
    case passwordHashInCopy
    /// No fault: an account whose hash is kept, but locked.
    case lockedPassword
    case rootAuthorizedKey
    /// With options before the key.
    case userAuthorizedKey
    case privateKey
    case swapPartition
    case swapFile
    /// ``GuestTree/outdatedOpenssl`` instead of ``GuestTree/opensslVersion``. For the tiny guest.
    case pendingUpdate
    /// Nothing was installed or updated for 400 days. For the tiny guest.
    case oldPackages
    case sshdRootPassword
    /// The same by a file that the configuration includes.
    case sshdRootPasswordIncluded
    /// The same for some clients only.
    case sshdRootPasswordMatched
    case worldWritableFile
    case worldWritableDirectory
    /// No fault: sticky.
    case stickyDirectory
    case setuidStranger
    case cloudInit
    case shellHistory
    case hostKeys
    case machineId
    case expiredRelease
    case unknownRelease
    /// A file with ``malwareSample`` in it.
    case malware

    /// What stands for malware: harmless bytes that only a signature of the tests knows.
    public static let malwareSample = "IMPRIMATUR-TEST-SAMPLE-f3a1c7e2-NOT-A-VIRUS-NOT-A-PROGRAM"

    /// A line for a `.ndb` file, with which clamd finds ``malwareSample`` as
    /// `Imprimatur.Test.Sample.UNOFFICIAL`.
    public static let malwareSignature =
        "Imprimatur.Test.Sample:0:*:"
        + malwareSample.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        .joined()

    /// SHA-512 crypt of some word.
    static let hash =
        "$6$rounds=5000$Zx8Qw3Lr$mB1Vq7yTnCk0eHs2dUgXo4aJfWpRi9lM6tNzKbYvDcSxEhGuPqOrAj3w5I8L"
        + "1F0TZ7n2Q4s6U8y0A2C4E6G8I."
    private static let publicKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtnYXJjaGl2ZS10ZXN0LWtleS1ub3QtcmVhbC0wMDE"

    func seed(_ image: inout GuestImage) {
        switch self {
        case .swapPartition: image.disk.hasSwap = true
        default: seed(&image.tree)
        }
    }

    private func seed(_ tree: inout GuestTree) {
        switch self {
        case .emptyPassword, .emptyPasswordInPasswd, .passwordHash, .passwordHashInPasswd,
            .passwordHashInCopy, .lockedPassword:
            seedAccount(&tree)
        case .rootAuthorizedKey, .userAuthorizedKey, .privateKey, .hostKeys:
            seedKey(&tree)
        case .sshdRootPassword, .sshdRootPasswordIncluded, .sshdRootPasswordMatched:
            seedDaemon(&tree)
        case .worldWritableFile, .worldWritableDirectory, .stickyDirectory, .setuidStranger:
            seedRights(&tree)
        case .swapFile, .cloudInit, .shellHistory, .machineId, .malware: seedRemains(&tree)
        case .pendingUpdate, .oldPackages, .expiredRelease, .unknownRelease:
            seedSoftware(&tree)
        case .swapPartition: break
        }
    }

    private func seedAccount(_ tree: inout GuestTree) {
        if self == .passwordHashInCopy {
            tree.file("/etc/shadow-", "root:\(Self.hash):20300:0:99999:7:::\n", mode: 0o600)
            return
        }
        let (name, passwd, shadow): (String, String, String) =
            switch self {
            case .emptyPassword: ("guest", "x", "")
            case .emptyPasswordInPasswd: ("guest", "", "*")
            case .passwordHash: ("operator", "x", Self.hash)
            case .passwordHashInPasswd: ("operator", Self.hash, "*")
            default: ("former", "x", "!" + Self.hash)
            }
        tree.append("\(name):\(passwd):1001:1001::/home/\(name):/bin/bash\n", to: "/etc/passwd")
        tree.append("\(name):\(shadow):20400:0:99999:7:::\n", to: "/etc/shadow")
        tree.append("\(name):x:1001:\n", to: "/etc/group")
        tree.directory("/home/\(name)", mode: 0o700, uid: 1001, gid: 1001)
    }

    private func seedKey(_ tree: inout GuestTree) {
        // Put together here, so that nothing takes this source for a key.
        func secret(_ kind: String) -> String {
            let rule = "-----"
            let body = String(repeating: "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAA\n", count: 6)
            return "\(rule)BEGIN \(kind)\(rule)\n\(body)\(rule)END \(kind)\(rule)\n"
        }
        switch self {
        case .rootAuthorizedKey:
            tree.directory("/root/.ssh", mode: 0o700)
            tree.file(
                "/root/.ssh/authorized_keys", "\(Self.publicKey) maker@example.org\n",
                mode: 0o600)
        case .userAuthorizedKey:
            tree.directory("/home/debian/.ssh", mode: 0o700, uid: 1000, gid: 1000)
            tree.file(
                "/home/debian/.ssh/authorized_keys",
                """
                # For the one who made this image

                from="192.0.2.0/24",command="echo \\"hello\\"",no-pty \(Self.publicKey) maker

                """, mode: 0o600, uid: 1000, gid: 1000)
        case .privateKey:
            tree.directory("/home/debian/.ssh", mode: 0o700, uid: 1000, gid: 1000)
            tree.file(
                "/home/debian/.ssh/id_ed25519", secret("OPENSSH PRIVATE KEY"), mode: 0o600,
                uid: 1000, gid: 1000)
        default:
            tree.file(
                "/etc/ssh/ssh_host_ed25519_key", secret("OPENSSH PRIVATE KEY"), mode: 0o600)
            tree.file("/etc/ssh/ssh_host_ed25519_key.pub", "\(Self.publicKey) root@localhost\n")
        }
    }

    private func seedDaemon(_ tree: inout GuestTree) {
        let path = "/etc/ssh/sshd_config"
        switch self {
        case .sshdRootPassword:
            let text = tree.text(path)
            if text.isEmpty {
                tree.append("permitrootlogin = yes\n", to: path)
            } else {
                tree.file(
                    path,
                    text.replacing("PermitRootLogin prohibit-password", with: "permitrootlogin=yes")
                )
            }
        case .sshdRootPasswordIncluded:
            tree.file("/etc/ssh/sshd_config.d/50-cloud-init.conf", "PermitRootLogin yes\n")
        default:
            tree.append("Match Address 192.0.2.0/24\n    PermitRootLogin yes\n", to: path)
        }
    }

    private func seedRights(_ tree: inout GuestTree) {
        switch self {
        case .worldWritableFile:
            tree.file("/usr/bin/report", "#!/bin/sh\nexit 0\n", mode: 0o777)
        case .worldWritableDirectory: tree.directory("/usr/share/exchange", mode: 0o777)
        case .stickyDirectory: tree.directory("/srv/exchange", mode: 0o1777)
        default: tree.file("/usr/local/bin/become", "\u{7f}ELF become\n", mode: 0o4755)
        }
    }

    private func seedRemains(_ tree: inout GuestTree) {
        switch self {
        case .cloudInit:
            let instance = "/var/lib/cloud/instances/iid-datasource-none"
            tree.file("\(instance)/user-data.txt", "#cloud-config\n", mode: 0o600)
            tree.link("/var/lib/cloud/instance", to: instance)
            tree.file("/var/log/cloud-init.log", "Cloud-init v. 24.4 running 'init-local'\n")
        case .swapFile:
            let page = [UInt8](repeating: 0, count: 4_086) + Array("SWAPSPACE2".utf8)
            tree.file("/swapfile", Data(page + page), mode: 0o600)
        case .shellHistory:
            tree.file("/root/.bash_history", "mysql -u root -phunter2\n", mode: 0o600)
        case .machineId:
            tree.file("/etc/machine-id", "0123456789abcdef0123456789abcdef\n", mode: 0o444)
        default: tree.file("/usr/share/games/sample.bin", "MZ " + Self.malwareSample + "\n")
        }
    }

    private func seedSoftware(_ tree: inout GuestTree) {
        switch self {
        case .pendingUpdate:
            let status = tree.text("/var/lib/dpkg/status")
            tree.file(
                "/var/lib/dpkg/status",
                status.replacing(GuestTree.opensslVersion, with: GuestTree.outdatedOpenssl))
        case .oldPackages:
            let old = GuestImage.time - 400 * 86_400
            for path in ["/var/lib/dpkg/status", "/var/log/dpkg.log"] {
                tree.change(path) { $0.modified = old }
            }
        case .expiredRelease:
            tree.file(
                "/usr/lib/os-release",
                """
                PRETTY_NAME="Debian GNU/Linux 9 (stretch)"
                NAME="Debian GNU/Linux"
                VERSION_ID="9"
                VERSION_CODENAME=stretch
                ID=debian

                """)
        default:
            tree.file("/usr/lib/os-release", "NAME=\"Example OS\"\nID=exampleos\nVERSION_ID=1\n")
        }
    }
}

extension GuestTree {
    /// A version that ``opensslVersion`` replaced for the sake of security.
    public static let outdatedOpenssl = "3.5.1-1+deb13u1"
}
