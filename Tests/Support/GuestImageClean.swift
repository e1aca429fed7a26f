// SPDX-License-Identifier: Apache-2.0

extension GuestTree {
    /// Debian 12 as mmdebstrap makes it.
    public static let debian = GuestTree(base: .debian)

    /// What a minimal Debian 13 looks like to who reads it: nothing in it runs, nothing in it is
    /// to be complained of.
    public static let clean: GuestTree = {
        var tree = GuestTree()
        tree.addFolders()
        tree.addRelease()
        tree.addAccounts()
        tree.addServices()
        tree.addPackages()
        return tree
    }()

    /// The version of `libssl3t64` and `openssl` in ``clean``.
    public static let opensslVersion = "3.5.4-1~deb13u1"

    private mutating func addFolders() {
        for path in [
            "/boot/efi", "/dev", "/etc/ssh/sshd_config.d", "/home", "/opt", "/proc", "/run", "/srv",
            "/sys", "/usr/lib", "/usr/local/bin", "/usr/sbin", "/var/cache/apt", "/var/log",
        ] {
            directory(path)
        }
        directory("/root", mode: 0o700)
        directory("/home/debian", mode: 0o700, uid: 1000, gid: 1000)
        for path in ["/tmp", "/var/tmp"] { directory(path, mode: 0o1777) }
        // Setgid, as Debian has them: folders, which give no rights.
        directory("/var/local", mode: 0o2775, gid: 50)
        directory("/var/mail", mode: 0o2775, gid: 8)
        for name in ["bin", "lib", "sbin"] { link("/\(name)", to: "usr/\(name)") }
        link("/var/run", to: "/run")
        link("/var/lock", to: "/run/lock")
    }

    private mutating func addRelease() {
        file(
            "/usr/lib/os-release",
            """
            PRETTY_NAME="Debian GNU/Linux 13 (trixie)"
            NAME="Debian GNU/Linux"
            VERSION_ID="13"
            VERSION="13 (trixie)"
            VERSION_CODENAME=trixie
            DEBIAN_VERSION_FULL=13.2
            ID=debian
            HOME_URL="https://www.debian.org/"
            SUPPORT_URL="https://www.debian.org/support"
            BUG_REPORT_URL="https://bugs.debian.org/"

            """)
        link("/etc/os-release", to: "../usr/lib/os-release")
        file("/etc/debian_version", "13.2\n")
        file("/etc/machine-id")
        file("/etc/hostname", "localhost\n")
    }

    private mutating func addAccounts() {
        let accounts = [
            ("root", 0, "/root", "/bin/bash", "*"),
            ("daemon", 1, "/usr/sbin", "/usr/sbin/nologin", "*"),
            ("nobody", 65534, "/nonexistent", "/usr/sbin/nologin", "*"),
            ("sshd", 989, "/run/sshd", "/usr/sbin/nologin", "!*"),
            ("debian", 1000, "/home/debian", "/bin/bash", "!"),
        ]
        var passwd = ""
        var shadow = ""
        var group = "staff:x:50:\nmail:x:8:\nshadow:x:42:\n"
        for (name, id, home, shell, password) in accounts {
            passwd += "\(name):x:\(id):\(id):\(name):\(home):\(shell)\n"
            shadow += "\(name):\(password):20400:0:99999:7:::\n"
            group += "\(name):x:\(id):\n"
        }
        file("/etc/passwd", passwd)
        file("/etc/group", group)
        file("/etc/shadow", shadow, mode: 0o640, gid: 42)
        file("/etc/gshadow", "root:*::\n", mode: 0o640, gid: 42)
        let profile = "# Executed by the command interpreter for login shells.\n"
        file("/root/.profile", profile)
        file("/home/debian/.profile", profile, uid: 1000, gid: 1000)
    }

    private mutating func addServices() {
        file(
            "/etc/fstab",
            """
            # <file system> <mount point> <type> <options> <dump> <pass>
            LABEL=root / auto errors=remount-ro 0 1
            LABEL=EFI /boot/efi vfat umask=0077,nofail 0 1

            """)
        file(
            "/etc/ssh/sshd_config",
            """
            Include /etc/ssh/sshd_config.d/*.conf

            #Port 22
            PermitRootLogin prohibit-password
            #PasswordAuthentication yes
            KbdInteractiveAuthentication no
            UsePAM yes
            X11Forwarding yes
            AcceptEnv LANG LC_*
            Subsystem sftp /usr/lib/openssh/sftp-server

            """)
        file("/var/log/dpkg.log")
        file("/var/log/wtmp", mode: 0o664, gid: 43)
    }

    private mutating func addPackages() {
        for package in Self.packages { add(package) }
        // Removed, but its settings were kept: not installed.
        file(
            "/var/lib/dpkg/status",
            text("/var/lib/dpkg/status")
                + """
                Package: nano
                Status: deinstall ok config-files
                Architecture: amd64
                Version: 8.4-1

                """)
        file("/var/lib/dpkg/info/nano.list", "/etc/nanorc\n")
    }

    private mutating func add(_ package: Package) {
        var stanza = """
            Package: \(package.name)
            Status: install ok installed
            Priority: required
            Section: base
            Maintainer: Nobody <nobody@example.org>
            Architecture: \(package.architecture)

            """
        if let source = package.source { stanza += "Source: \(source)\n" }
        if package.isMultiArchitecture { stanza += "Multi-Arch: same\n" }
        stanza += """
            Version: \(package.version)
            Description: \(package.name)
             A package of the tests' tiny guest.


            """
        file("/var/lib/dpkg/status", text("/var/lib/dpkg/status") + stanza)
        let name = package.name + (package.isMultiArchitecture ? ":amd64" : "")
        var listed: Set<String> = []
        for (path, mode, group) in package.files {
            var folder = ""
            for part in path.split(separator: "/").dropLast() {
                folder += "/" + part
                listed.insert(folder)
            }
            listed.insert(path)
            // A list may name the path of before /bin became a link.
            let place = path.hasPrefix("/bin/") ? "/usr" + path : path
            if self[place] == nil {
                file(place, "\u{7f}ELF \(package.name)\n", mode: mode, gid: group)
            }
        }
        let list = ["/."] + listed.sorted()
        file("/var/lib/dpkg/info/\(name).list", list.joined(separator: "\n") + "\n")
    }

    private struct Package {
        var name: String
        var version: String
        var source: String?
        var architecture = "amd64"
        var isMultiArchitecture = false
        /// Path, mode and group.
        var files: [(String, Int, Int)]
    }

    private static let packages = [
        Package(
            name: "base-files", version: "13.8+deb13u2",
            files: [
                ("/usr/lib/os-release", 0o644, 0), ("/etc/debian_version", 0o644, 0),
            ]),
        Package(
            name: "bash", version: "5.2.37-2+b5", source: "bash (5.2.37-2)",
            files: [("/usr/bin/bash", 0o755, 0)]),
        Package(
            name: "libc6", version: "2.41-12", source: "glibc", isMultiArchitecture: true,
            files: [("/usr/lib/x86_64-linux-gnu/libc.so.6", 0o755, 0)]),
        Package(
            name: "libssl3t64", version: opensslVersion, source: "openssl",
            isMultiArchitecture: true,
            files: [("/usr/lib/x86_64-linux-gnu/libssl.so.3", 0o644, 0)]),
        Package(
            name: "mount", version: "2.41-5", source: "util-linux",
            files: [("/bin/mount", 0o4755, 0)]),
        Package(
            name: "openssh-server", version: "1:10.0p1-7", source: "openssh",
            files: [("/usr/sbin/sshd", 0o755, 0)]),
        Package(
            name: "openssl", version: opensslVersion, files: [("/usr/bin/openssl", 0o755, 0)]),
        Package(
            name: "passwd", version: "1:4.17.4-2", source: "shadow",
            files: [("/usr/bin/passwd", 0o4755, 0), ("/usr/bin/chage", 0o2755, 42)]),
        Package(
            name: "tzdata", version: "2025b-4+deb13u1", architecture: "all",
            files: [("/usr/share/zoneinfo/UTC", 0o644, 0)]),
        Package(name: "util-linux", version: "2.41-5", files: [("/usr/bin/su", 0o4755, 0)]),
    ]
}
