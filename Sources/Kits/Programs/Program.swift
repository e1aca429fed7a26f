// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Glibc
internal import Subprocess

/// Runs a program without a shell: own session, cleared environment, bounded output and time; in a
/// ``Sandbox`` when it reads what others wrote. What runs too long is killed with all its children.
public struct Program: Sendable {
    /// A path, or a name to look for in `PATH`; with a sandbox, in its ``Sandbox/searchPath``.
    public let name: String
    /// All the program sees of an environment, beside `PATH`, `LC_ALL` and what it inherits; in a
    /// sandbox also `HOME` and `TMPDIR`, both `/tmp` unless given.
    public let environment: [String: String]
    /// Names of this process's variables that the program sees, too.
    public let inherited: [String]
    /// The longest it may run.
    public let timeMax: Duration
    /// What it is locked into; nil when it needs the host.
    public let sandbox: Sandbox?

    /// What a program may write on standard output, unless the caller expects more; and always
    /// on standard error.
    public static let outputBytesMax = 1 << 20
    /// What a program may be given on standard input.
    public static let inputBytesMax = 32 << 10
    /// Time between the polite and the impolite signal.
    private static let graceTime: Duration = .seconds(2)

    public init(
        _ name: String, environment: [String: String] = [:], inheriting inherited: [String] = [],
        timeMax: Duration, sandbox: Sandbox? = nil
    ) {
        self.name = name
        self.environment = environment
        self.inherited = inherited
        self.timeMax = timeMax
        self.sandbox = sandbox
    }

    /// Runs the program to its end, however that may be.
    ///
    /// - Parameters:
    ///   - input: for its standard input, at most ``inputBytesMax`` bytes.
    ///   - extra: more environment.
    public func run(
        _ arguments: [String], input: [UInt8] = [], extra: [String: String] = [:],
        outputBytesMax: Int = outputBytesMax
    ) async throws(ProgramsError) -> Result {
        try await run(arguments, .bytes(input), extra: extra, outputBytesMax: outputBytesMax)
    }

    /// Runs the program with a regular file as its standard input, which it can only read and,
    /// in a sandbox, finds under ``Sandbox/inputPath`` at most.
    ///
    /// - Parameter inputFile: a path of the host, whose last component is no symbolic link.
    public func run(
        _ arguments: [String], inputFile: String, extra: [String: String] = [:],
        outputBytesMax: Int = outputBytesMax
    ) async throws(ProgramsError) -> Result {
        try await run(arguments, .file(inputFile), extra: extra, outputBytesMax: outputBytesMax)
    }

    private func run(
        _ arguments: [String], _ input: ProgramInput, extra: [String: String], outputBytesMax: Int
    ) async throws(ProgramsError) -> Result {
        do {
            let result = try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask {
                    try await self.execute(arguments, input, extra, outputBytesMax)
                }
                group.addTask { [timeMax] in
                    try await Task.sleep(for: timeMax)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let result = first else {
                    throw ProgramsError.timedOut(name, max: timeMax)
                }
                return result
            }
            if let sandbox { try await sandbox.check(result, of: name) }
            return result
        } catch let error as ProgramsError {
            throw error
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw .missing(name)
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw .outputExceeded(name, bytesMax: max(outputBytesMax, Self.outputBytesMax))
        } catch {
            throw .notRun(name, reason: Self.cleaned("\(error)"))
        }
    }

    private func execute(
        _ arguments: [String], _ input: ProgramInput, _ extra: [String: String],
        _ outputBytesMax: Int
    ) async throws -> Result {
        var command = [name] + arguments
        var input = input
        if let sandbox {
            let inputPath = try input.checkedPath()
            command = try sandbox.command(name, arguments, inputPath: inputPath)
            if inputPath != nil { input = .bytes([]) }
        }
        let result = try await Subprocess.run(
            command[0].contains("/") ? .path(Self.path(command[0])) : .name(command[0]),
            arguments: Arguments(Array(command.dropFirst())), environment: variables(extra),
            platformOptions: options,
            input: .fileDescriptor(try input.descriptor(), closeAfterSpawningProcess: true),
            output: .bytes(limit: outputBytesMax), error: .bytes(limit: Self.outputBytesMax))
        let (status, isSignalled) =
            switch result.terminationStatus {
            // Of a signal inside, bubblewrap can tell only so.
            case .exited(let code): (Int(code), sandbox != nil && code > 128)
            case .signaled(let signal): (128 + Int(signal), true)
            }
        return Result(
            status: status, isSignalled: isSignalled, output: result.standardOutput,
            errorText: String(decoding: result.standardError, as: UTF8.self))
    }

    /// Of a sandbox, bubblewrap is killed at once and the kernel then kills everything inside.
    private var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(
                signal: sandbox == nil ? .terminate : .kill, toProcessGroup: true,
                allowedDurationToNextStep: Self.graceTime)
        ]
        return options
    }

    private func variables(_ extra: [String: String]) -> Environment {
        let own = ProcessInfo.processInfo.environment
        var variables = environment.merging(extra) { $1 }
        if sandbox == nil {
            variables["PATH"] = own["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        } else {
            variables["PATH"] = Sandbox.searchPath
            for name in ["HOME", "TMPDIR"] where variables[name] == nil { variables[name] = "/tmp" }
        }
        variables["LC_ALL"] = "C.UTF-8"
        for name in inherited { variables[name] = own[name] }
        var keyed: [Environment.Key: String] = [:]
        for (key, value) in variables {
            if let key = Environment.Key(rawValue: key) { keyed[key] = value }
        }
        return .custom(keyed)
    }

    /// A path of swift-system's, which is Subprocess's dependency and not ours.
    private static func path<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }

    /// Text of others as one line of at most 1,000 characters, for errors and evidence.
    public static func cleaned(_ text: String) -> String {
        let words = text.unicodeScalars.prefix(4_000).map { scalar in
            scalar.properties.generalCategory == .control
                || scalar.properties.generalCategory == .format ? " " : Character(scalar)
        }
        return String(String(words).split(separator: " ").joined(separator: " ").prefix(1_000))
    }
}
