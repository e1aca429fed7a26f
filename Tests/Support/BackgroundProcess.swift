// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A program that runs beside the test: output in a file, killed when the last reference goes or
/// when the test process dies.
public final class BackgroundProcess: Sendable {
    public let processID: Int32
    /// Where its standard output and standard error go.
    public let outputPath: String
    private let status = Mutex<Int32?>(nil)

    /// Starts `program` (a path, or a name looked up in `PATH`).
    ///
    /// - Parameters:
    ///   - environment: added to the test's own.
    ///   - output: a file to append output to; `/dev/null` when absent.
    public init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        directory: String? = nil, output: String? = nil
    ) throws {
        outputPath = output ?? "/dev/null"
        let start = ProcessStart(
            arguments: [program] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            directory: directory, output: outputPath)
        processID = try Spawner.shared.spawn(start)
    }

    deinit {
        guard isRunning else { return }
        Glibc.kill(processID, SIGKILL)
        Glibc.kill(processID, SIGCONT)
        var ignored: Int32 = 0
        waitpid(processID, &ignored, 0)
    }

    public var isRunning: Bool { exitStatus == nil }

    /// Nil while it runs; the exit code, or 128 + the signal's number.
    public var exitStatus: Int32? {
        status.withLock { status in
            var raw: Int32 = 0
            if status == nil, waitpid(processID, &raw, WNOHANG) == processID {
                status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
            }
            return status
        }
    }

    /// All it has written so far.
    public var output: String {
        // Not by FileManager.contents(atPath:), which leaks its buffer when the file is empty.
        let data = FileHandle(forReadingAtPath: outputPath)?.readDataToEndOfFile() ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    public func signal(_ number: Int32) {
        if isRunning { Glibc.kill(processID, number) }
    }
    public func terminate() { signal(SIGTERM) }
    public func kill() { signal(SIGKILL) }
    /// Stops it where it stands (SIGSTOP).
    public func suspend() { signal(SIGSTOP) }
    public func resume() { signal(SIGCONT) }

    /// Waits for an output line that contains `text` and returns that line.
    @discardableResult
    public func waitForLine(
        containing text: String, timeout: Duration = .seconds(30)
    ) async throws -> String {
        try await eventually(timeout: timeout, "'\(text)' in \(outputPath)") {
            let line = output.split(separator: "\n").first { $0.contains(text) }
            if line == nil { try checkRunning() }
            return line.map(String.init)
        }
    }

    /// Waits until something accepts connections on `port` of 127.0.0.1.
    public func waitForPort(_ port: Int, timeout: Duration = .seconds(30)) async throws {
        try await eventually(timeout: timeout, "port \(port)") {
            if isListening(port) { return true }
            try checkRunning()
            return false
        }
    }

    @discardableResult
    public func waitForExit(timeout: Duration = .seconds(30)) async throws -> Int32 {
        try await eventually(timeout: timeout, "end of process \(processID)") { exitStatus }
    }

    private func checkRunning() throws {
        if let exitStatus {
            throw NeverHappened(description: "process ended with \(exitStatus): \(output)")
        }
    }
}

/// Runs a program to its end.
///
/// - Returns: exit status as in ``BackgroundProcess/exitStatus``, and all its output.
@discardableResult
public func run(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
    directory: String? = nil, timeout: Duration = .seconds(60)
) async throws -> (status: Int32, output: String) {
    let folder = try TemporaryDirectory()
    let process = try BackgroundProcess(
        program, arguments, environment: environment, directory: directory,
        output: folder.file("output"))
    let status = try await process.waitForExit(timeout: timeout)
    return (status, process.output)
}

/// A TCP port of 127.0.0.1 that was free a moment ago.
public func freePort() throws -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw POSIXError(.EMFILE) }
    defer { close(socket) }
    var address = loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
        }
    }
    guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
    return Int(UInt16(bigEndian: address.sin_port))
}

private func isListening(_ port: Int) -> Bool {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0, let port = UInt16(exactly: port) else { return false }
    defer { close(socket) }
    var address = loopback(port: port)
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

private func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}

private struct ProcessStart: Sendable {
    var arguments: [String]
    var environment: [String: String]
    var directory: String?
    var output: String

    /// `setpriv` and `env` replace themselves by the program, which so keeps this process id.
    func spawn() throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let place = directory.map { ["env", "-C", $0] } ?? []
        let command = ["setpriv", "--pdeathsig", "KILL", "--"] + place + arguments
        var argv = command.map { strdup($0) }
        var envp = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for pointer in argv + envp { free(pointer) } }
        argv.append(nil)
        envp.append(nil)
        var processID: pid_t = 0
        let code = posix_spawnp(&processID, "setpriv", &actions, nil, argv, envp)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EINVAL) }
        return processID
    }
}

/// Starts programs from one thread that never ends: the death signal of a child is sent when the
/// *thread* that started it ends, and threads of a pool come and go.
private final class Spawner: Sendable {
    static let shared = Spawner()
    private let queue = Mutex<[@Sendable () -> Void]>([])
    private let ready = DispatchSemaphore(value: 0)

    private init() {
        Thread.detachNewThread { [self] in
            while true {
                ready.wait()
                queue.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
            }
        }
    }

    func spawn(_ start: ProcessStart) throws -> Int32 {
        let result = SpawnResult()
        let done = DispatchSemaphore(value: 0)
        queue.withLock {
            $0.append {
                let outcome = Result { try start.spawn() }
                result.value.withLock { $0 = outcome }
                done.signal()
            }
        }
        ready.signal()
        done.wait()
        guard let outcome = result.value.withLock({ $0 }) else { throw POSIXError(.ECHILD) }
        return try outcome.get()
    }
}

/// Shared with the thread that starts programs, which may let go of it after the caller.
private final class SpawnResult: Sendable {
    let value = Mutex<Result<Int32, any Error>?>(nil)
}
