// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Glibc

/// How a sandbox is made: the command that bubblewrap is started with.
///
/// An ordinary user's bubblewrap makes a user namespace and everything else in it. Root's makes the
/// mounts with root's rights, so that what it binds may lie in root's own directories; then setpriv
/// becomes nobody for good, and a second bubblewrap takes away user namespaces (which Linux allows
/// only from within one).
extension Sandbox {
    /// All of the command, bubblewrap itself first.
    ///
    /// - Parameters:
    ///   - name: the program, a path inside or a name to look for in ``searchPath``.
    ///   - inputPath: of a file of the host for its standard input.
    ///   - changesUser: whether root is to start it.
    func command(
        _ name: String, _ arguments: [String], inputPath: String? = nil,
        changesUser: Bool = Self.changesUser
    ) throws(ProgramsError) -> [String] {
        guard let bubblewrap, unsafe access(bubblewrap, X_OK) == 0 else {
            throw .sandboxUnavailable(
                reason: "bubblewrap is missing; install the package bubblewrap (command bwrap)")
        }
        for bind in readOnly + writable where unsafe access(bind.host, F_OK) != 0 {
            throw .system(operation: "binding", path: bind.host, code: errno)
        }
        let program = try located(name)
        var command = [bubblewrap] + (changesUser ? Self.rootsOptions : Self.usersOptions)
        if !changesUser && sharesNetwork { command.append("--share-net") }
        if changesUser && !sharesNetwork { command.append("--unshare-net") }
        command += ["--hostname", "sandbox", "--new-session", "--die-with-parent"]
        command += mounts(of: program, inputPath: inputPath) + ["--chdir", directory, "--"]
        if inputPath != nil {
            // Opened inside, through a mount that is read-only. Through a descriptor of ours,
            // /proc/self/fd/0 would let the file's owner open it anew for writing.
            command += ["/bin/sh", "-c", "exec \"$@\" <\(Self.inputPath)", "sh"]
        }
        if changesUser { command += Self.becomingNobody + Self.nestedBubblewrap }
        return command + limits.command + [program.inside] + arguments
    }

    private static let usersOptions = [
        "--unshare-all", "--unshare-user", "--uid", "\(userID)", "--gid", "\(userID)",
        "--disable-userns", "--cap-drop", "ALL",
    ]

    /// Capabilities are for the shell, which opens the input, and for setpriv.
    private static let rootsOptions =
        [
            "--unshare-ipc", "--unshare-pid", "--unshare-uts",
            "--unshare-cgroup-try", "--cap-drop", "ALL",
        ]
        + ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_DAC_READ_SEARCH"].flatMap {
            ["--cap-add", $0]
        }

    private static let becomingNobody = [
        "/usr/bin/setpriv", "--reuid", "\(userID)", "--regid", "\(userID)", "--clear-groups",
        "--no-new-privs", "--inh-caps", "-all", "--bounding-set", "-all", "--",
    ]

    /// bubblewrap's path inside is the host's: it lies beneath /usr.
    private static let nestedBubblewrap = [
        "/usr/bin/bwrap", "--unshare-user", "--disable-userns", "--cap-drop", "ALL",
        "--die-with-parent", "--dev-bind", "/", "/", "--",
    ]

    private func mounts(of program: Located, inputPath: String?) -> [String] {
        var options = ["--ro-bind", "/usr", "/usr"]
        for folder in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
            if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: folder) {
                options += ["--symlink", target, folder]
            } else {
                options += ["--ro-bind-try", folder, folder]
            }
        }
        // Where the loader finds libraries, and what links in /usr/bin lead through.
        options += ["--dir", "/etc"]
        for path in ["/etc/ld.so.cache", "/etc/alternatives"] {
            options += ["--ro-bind-try", path, path]
        }
        options += ["--proc", "/proc", "--dev", "/dev"]
        for device in devices { options += ["--dev-bind-try", device, device] }
        options += ["--perms", "1777"]
        options += ["--size", "\(Self.temporaryBytesMax)", "--tmpfs", "/tmp"]
        for bind in readOnly + program.binds { options += Self.mount("--ro-bind", bind) }
        for bind in writable { options += Self.mount("--bind", bind) }
        if let inputPath { options += ["--ro-bind", inputPath, Self.inputPath] }
        return options + ["--remount-ro", "/dev", "--remount-ro", "/"]
    }

    /// Folders that bubblewrap makes unasked only their owner could enter.
    private static func mount(_ option: String, _ bind: Bind) -> [String] {
        let parent = bind.inside.lastIndex(of: "/").map { String(bind.inside[..<$0]) } ?? ""
        return (parent.isEmpty ? [] : ["--dir", parent]) + [option, bind.host, bind.inside]
    }
}

extension Sandbox.Limits {
    /// Sets the limits inside, where processes are counted in the sandbox alone, and becomes the
    /// program.
    fileprivate var command: [String] {
        let (seconds, attoseconds) = cpuTimeMax.components
        let cpu = max(1, Int(seconds) + (attoseconds > 0 ? 1 : 0))
        // At the first a program gets SIGXCPU, at the second it is killed.
        return [
            "/usr/bin/prlimit",
            "--cpu=\(Self.lower(cpu, RLIMIT_CPU)):\(Self.lower(cpu + 1, RLIMIT_CPU))",
            "--as=\(Self.lower(memoryBytesMax, RLIMIT_AS))",
            "--fsize=\(Self.lower(fileBytesMax, RLIMIT_FSIZE))",
            "--nofile=\(Self.lower(openFilesMax, RLIMIT_NOFILE))",
            "--nproc=\(Self.lower(processesMax, __RLIMIT_NPROC))", "--core=0", "--",
        ]
    }

    /// A hard limit cannot be raised.
    private static func lower(_ wanted: Int, _ resource: __rlimit_resource) -> UInt {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else {
            return UInt(max(0, wanted))
        }
        return min(UInt(max(0, wanted)), UInt(limit.rlim_max))
    }
}
