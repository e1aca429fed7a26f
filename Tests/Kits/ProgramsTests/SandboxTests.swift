// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Programs

@Suite("Sandbox", .timeLimit(.minutes(3)))
struct SandboxTests {
    private let sandbox = Sandbox(limits: .generous)
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
        // An ordinary user's sandbox can only bind what that user reaches.
        try open(folder.path)
    }

    private func open(_ path: String, _ mode: Int = 0o755) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test(
        "Of the host there are programs and libraries, and nothing else",
        arguments: Confinement.allCases)
    func host(_ by: Confinement) async throws {
        let secret = try folder.write("secret", to: "secret")
        try open(secret, 0o644)
        let result = try await by.shell(
            """
            ls / | tr '\\n' ' '; echo
            ls /etc | tr '\\n' ' '; echo
            ls -A /tmp /root /home /var /run /sys 2> /dev/null | tr -d '\\n'; echo .
            cat /etc/shadow /etc/passwd \(secret) 2> /dev/null | wc -c
            ls /dev | tr '\\n' ' '; echo
            cat /proc/sys/kernel/hostname
            """, sandbox)
        let lines = result.lines
        try #require(result.status == 0 && lines.count == 6, "\(result)")
        let root = Set(try #require(lines.first).split(separator: " "))
        #expect(
            root.isSubset(of: [
                "bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp",
                "usr",
            ]))
        #expect(Set(lines[1].split(separator: " ")).isSubset(of: ["alternatives", "ld.so.cache"]))
        #expect(lines[2] == "/tmp:.")
        #expect(lines[3] == "0")
        #expect(
            Set(lines[4].split(separator: " ")).isSubset(of: [
                "console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr",
                "stdin", "stdout", "tty", "urandom", "zero",
            ]))
        #expect(lines[5] == "sandbox")
    }

    @Test("It is nobody, without any right or descriptor", arguments: Confinement.allCases)
    func rights(_ by: Confinement) async throws {
        let result = try await by.shell(
            """
            echo $(id -u) $(id -g) $(id -G)
            grep -E '^Cap' /proc/self/status | grep -vc '0000000000000000$'
            grep -E '^NoNewPrivs' /proc/self/status | grep -o '[01]'
            unshare -U true 2> /dev/null || echo no namespace
            mount -t tmpfs none /tmp 2> /dev/null || echo no mount
            awk '{ print $1, $3 }' /proc/self/uid_map
            """, sandbox)
        let lines = result.lines
        #expect(
            lines == ["65534 65534 65534", "0", "1", "no namespace", "no mount", "65534 1"],
            "\(result)")
        // The fourth is what ls reads.
        let descriptors = try await by.run("ls", ["-l", "/proc/self/fd"], sandbox).lines.dropFirst()
        #expect(descriptors.count == 4, "\(descriptors)")
        #expect(descriptors.last?.hasSuffix("/fd") == true)
    }

    @Test("The environment is what was given")
    func environment() async throws {
        let program = Program(
            "env", environment: ["ONE": "1"], timeMax: .seconds(60), sandbox: sandbox)
        let lines = try await program.run([], extra: ["TWO": "2"]).lines
        #expect(
            lines.sorted() == [
                "HOME=/tmp", "LC_ALL=C.UTF-8", "ONE=1", "PATH=\(Sandbox.searchPath)", "PWD=/tmp",
                "TMPDIR=/tmp", "TWO=2",
            ])
    }

    @Test("The host's processes are not to be seen or touched", arguments: Confinement.allCases)
    func processes(_ by: Confinement) async throws {
        let token = freshToken()
        let outside = try BackgroundProcess("sh", ["-c", "sleep 600; : \(token)"])
        let pattern = "\(token.dropLast())[\(token.suffix(1))]"
        let result = try await by.shell(
            """
            grep -al '\(pattern)' /proc/[0-9]*/cmdline | grep -vx /proc/$$/cmdline
            kill -9 \(outside.processID) 2> /dev/null && echo killed
            [ $(ls -d /proc/[0-9]* | wc -l) -lt 12 ] && echo few
            """, sandbox)
        // bubblewrap's own command line holds the script.
        #expect(result.lines.filter { !$0.hasPrefix("/proc/") } == ["few"], "\(result)")
        #expect(outside.isRunning)
    }

    @Test("Nothing can be reached over the network", arguments: Confinement.allCases)
    func network(_ by: Confinement) async throws {
        let listener = try LoopbackListener()
        let result = try await by.shell(
            """
            (exec 3<> /dev/tcp/127.0.0.1/\(listener.port)) 2> /dev/null && echo connected
            wc -l < /proc/net/dev
            """, sandbox)
        #expect(result.lines.first == "3", "only the loopback device: \(result)")
        #expect(listener.connections() == 0)
        // It would have been seen.
        let control = try await Program("bash", timeMax: .seconds(30)).run(
            ["-c", "exec 3<> /dev/tcp/127.0.0.1/\(listener.port)"])
        #expect(control.status == 0)
        #expect(listener.connections() == 1)
    }

    @Test("The network and a device are there when they are given", arguments: Confinement.allCases)
    func networkAndDevice(_ by: Confinement) async throws {
        let listener = try LoopbackListener()
        let device = "/dev/kmsg"
        var sandbox = sandbox
        sandbox.sharesNetwork = true
        sandbox.devices = [device]
        let result = try await by.shell(
            """
            exec 3<> /dev/tcp/127.0.0.1/\(listener.port) && echo connected
            [ -c \(device) ] && echo device
            ls /proc | grep -cE '^[0-9]+$'
            """, sandbox)
        let isThere = FileManager.default.fileExists(atPath: device)
        #expect(result.lines.dropLast() == (isThere ? ["connected", "device"] : ["connected"]))
        #expect(listener.connections() == 1)
        // Nothing else is shared with it.
        #expect(try Int(#require(result.lines.last)).map { $0 < 16 } == true, "\(result)")
    }

    @Test("Only what is bound for it can be written", arguments: Confinement.allCases)
    func writing(_ by: Confinement) async throws {
        let room = try PrivateDirectory(forSandbox: true)
        try room.write([1], to: "mine")
        let host = try folder.write("host", to: "host/file")
        try open(folder.file("host"), 0o777)
        try open(host, 0o666)
        var sandbox = sandbox
        sandbox.readOnly = [Sandbox.Bind(host: folder.file("host"), inside: "/data")]
        sandbox.writable = [Sandbox.Bind(host: room.path, inside: "/work")]
        let result = try await by.shell(
            """
            for path in /x /usr/x /usr/bin/true /etc/x /dev/x /dev/shm/x /proc/x /data/file \\
                /data/new /bin/x /proc/sys/kernel/core_pattern /proc/sysrq-trigger; do
                (echo x > $path) 2> /dev/null && echo wrote $path
            done
            chmod 600 /data/file 2> /dev/null && echo changed
            rm -f /data/file 2> /dev/null && echo removed
            cat /data/file
            echo; echo new > /work/new && echo more >> /work/mine && echo t > /tmp/t && echo done
            """, sandbox)
        #expect(result.lines == ["host", "done"], "\(result)")
        #expect(try room.read("new", bytesMax: 10) == Array("new\n".utf8))
        #expect(try String(contentsOfFile: host, encoding: .utf8) == "host")
    }

    @Test("A file is its input, without a way to write it", arguments: Confinement.allCases)
    func inputFile(_ by: Confinement) async throws {
        let path = try folder.write("image", to: "image")
        // Even where its mode and owner would allow it.
        try open(path, 0o666)
        _ = chown(path, Sandbox.userID, Sandbox.userID)
        let result = try await by.shell(
            """
            cat; echo
            (echo bad > /proc/self/fd/0) 2> /dev/null && echo wrote
            (echo bad > /input) 2> /dev/null && echo wrote
            chmod 777 /proc/self/fd/0 2> /dev/null && echo changed
            readlink /proc/self/fd/0
            """, sandbox, inputFile: path)
        #expect(result.lines == ["image", "/input"], "\(result)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "image")
    }

    @Test("A file that only this user can read is input, too")
    func privateInputFile() async throws {
        let room = try TemporaryDirectory()
        let path = try room.write("image", to: "deep/image")
        try open(path, 0o600)
        for sandbox in [nil, sandbox] {
            let program = Program("cat", timeMax: .seconds(60), sandbox: sandbox)
            #expect(try await program.run([], inputFile: path).lines == ["image"])
        }
    }

    @Test("Only regular files are input", arguments: [true, false])
    func irregularInput(_ isConfined: Bool) async throws {
        let program = Program(
            "cat", timeMax: .seconds(60), sandbox: isConfined ? sandbox : nil)
        let file = try folder.write("x", to: "file")
        let link = folder.file("link")
        let pipe = folder.file("pipe")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        #expect(mkfifo(pipe, 0o666) == 0)
        for path in [link, pipe, folder.path, folder.file("none"), "/dev/zero"] {
            let error = await #expect(throws: ProgramsError.self) {
                try await program.run([], inputFile: path)
            }
            guard case .system(_, path, _) = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
        }
    }

    @Test("Bytes are its input")
    func input() async throws {
        let program = Program("cat", timeMax: .seconds(60), sandbox: sandbox)
        let bytes = [UInt8](repeating: 65, count: Program.inputBytesMax)
        #expect(try await program.run([], input: bytes).output == bytes)
        #expect(try await program.run([]).output.isEmpty)
    }

    @Test("A socket that is bound can be connected to", arguments: Confinement.allCases)
    func socket(_ by: Confinement) async throws {
        let path = folder.file("socket")
        let script =
            "import socket; s = socket.socket(socket.AF_UNIX); s.bind('\(path)'); s.listen();"
            + " print('listening', flush=True); s.accept()[0].sendall(b'hello')"
        let server = try BackgroundProcess(
            "/usr/bin/python3", ["-c", script], output: folder.file("log"))
        try await server.waitForLine(containing: "listening")
        try open(path, 0o666)
        var sandbox = sandbox
        sandbox.readOnly = [Sandbox.Bind(host: path, inside: "/run/socket")]
        let client =
            "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/socket');"
            + " print(s.recv(9).decode())"
        let result = try await by.run("python3", ["-c", client], sandbox)
        #expect(result.lines == ["hello"], "\(result)")
    }

    @Test("Programs are found by name, by path, bound or on their own")
    func programs() async throws {
        let room = try TemporaryDirectory()
        try open(room.path)
        let path = room.file("own")
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: "/usr/bin/echo")
        var sandbox = sandbox
        func lines(_ name: String) async throws -> [String] {
            try await Program(name, timeMax: .seconds(60), sandbox: sandbox).run(["x"]).lines
        }
        #expect(try await lines("echo") == ["x"])
        #expect(try await lines("/bin/echo") == ["x"])
        #expect(try await lines(path) == ["x"])
        sandbox.readOnly = [Sandbox.Bind(host: room.path, inside: "/opt/tools")]
        #expect(try await lines("/opt/tools/own") == ["x"])
        for name in ["no-such-program", "/usr/bin/none", "/nowhere/x", "/opt/tools/none"] {
            let error = await #expect(throws: ProgramsError.self) { try await lines(name) }
            #expect(error == .missing(name))
        }
    }
}
