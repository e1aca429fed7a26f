// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Glibc
internal import Subprocess

/// Runs a program without a shell: own session, cleared environment, bounded output and time.
/// What runs too long is killed with all its children.
public struct Program: Sendable {
    /// A path, or a name to look for in `PATH`.
    public let name: String
    /// All the program sees of an environment, beside `PATH`, `LC_ALL` and what it inherits.
    public let environment: [String: String]
    /// Names of this process's variables that the program sees, too.
    public let inherited: [String]
    /// The longest it may run.
    public let timeMax: Duration

    /// What a program may write on standard output, unless the caller expects more; and always
    /// on standard error.
    public static let outputBytesMax = 1 << 20
    /// What a program may be given on standard input.
    public static let inputBytesMax = 32 << 10
    /// Time between the polite and the impolite signal.
    private static let graceTime: Duration = .seconds(2)

    public init(
        _ name: String, environment: [String: String] = [:], inheriting inherited: [String] = [],
        timeMax: Duration
    ) {
        self.name = name
        self.environment = environment
        self.inherited = inherited
        self.timeMax = timeMax
    }

    /// How a program ended.
    public struct Result: Sendable {
        /// The exit code, or 128 + the signal's number.
        public var status: Int
        /// Whether a signal ended it.
        public var isSignalled: Bool
        public var output: [UInt8]
        public var errorText: String
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
        do {
            return try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask {
                    try await self.execute(
                        arguments, input: input, extra: extra, outputBytesMax: outputBytesMax)
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
        } catch let error as ProgramsError {
            throw error
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw .missing(name)
        } catch {
            throw .notRun(name, reason: Self.cleaned("\(error)"))
        }
    }

    private func execute(
        _ arguments: [String], input: [UInt8], extra: [String: String], outputBytesMax: Int
    ) async throws -> Result {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(
                signal: .terminate, toProcessGroup: true,
                allowedDurationToNextStep: Self.graceTime)
        ]
        let result = try await Subprocess.run(
            name.contains("/") ? .path(Self.path(name)) : .name(name),
            arguments: Arguments(arguments), environment: variables(extra),
            platformOptions: options,
            input: .fileDescriptor(try Self.readEnd(of: input), closeAfterSpawningProcess: true),
            output: .bytes(limit: outputBytesMax), error: .bytes(limit: Self.outputBytesMax))
        let (status, isSignalled) =
            switch result.terminationStatus {
            case .exited(let code): (Int(code), false)
            case .signaled(let signal): (128 + Int(signal), true)
            }
        return Result(
            status: status, isSignalled: isSignalled, output: result.standardOutput,
            errorText: String(decoding: result.standardError, as: UTF8.self))
    }

    private func variables(_ extra: [String: String]) -> Environment {
        let own = ProcessInfo.processInfo.environment
        var variables = environment.merging(extra) { $1 }
        variables["PATH"] = own["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
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

    /// A descriptor that gives `input` and then its end.
    ///
    /// All of it lies in the socket's buffer beforehand, so nobody has to write while the
    /// program runs, and one that ends without reading does no harm. (Writing through Subprocess
    /// 1.0 ends this process then, by SIGPIPE or by an unclosed descriptor.)
    private static func readEnd<Descriptor: RawRepresentable>(
        of input: [UInt8]
    ) throws -> Descriptor where Descriptor.RawValue == Int32 {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard input.count <= inputBytesMax, unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ProgramsError.system(operation: "socketpair", path: "", code: errno)
        }
        defer { close(ends[1]) }
        let sent = unsafe input.withUnsafeBytes { bytes in
            unsafe send(ends[1], bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == input.count, let descriptor = Descriptor(rawValue: ends[0]) else {
            close(ends[0])
            throw ProgramsError.system(operation: "send", path: "", code: errno)
        }
        return descriptor
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
