// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Subprocess

/// Runs `svn` or `git` without a shell: own session, cleared environment, bounded output and
/// time. What runs too long is killed with all its children.
struct Program: Sendable {
    let name: String
    /// All the program sees of an environment, beside `PATH` and `SSH_AUTH_SOCK`.
    let environment: [String: String]
    let timeMax: Duration

    /// What a program may write on standard output, unless the caller expects more; and always
    /// on standard error.
    static let outputBytesMax = 1 << 20
    /// What a program may be given on standard input.
    static let inputBytesMax = 32 << 10
    /// Time between the polite and the impolite signal.
    private static let graceTime: Duration = .seconds(2)

    struct Result: Sendable {
        /// The exit code, or 128 + the signal's number.
        var status: Int
        var output: [UInt8]
        var errorText: String
    }

    /// Runs the program to its end, however that may be.
    ///
    /// - Parameters:
    ///   - input: for its standard input, at most ``inputBytesMax`` bytes.
    ///   - extra: more environment.
    func run(
        _ arguments: [String], input: [UInt8] = [], extra: [String: String] = [:],
        outputBytesMax: Int = outputBytesMax
    ) async throws(ListTargetError) -> Result {
        let operation = arguments.first { !$0.hasPrefix("-") } ?? ""
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
                    throw ListTargetError.timedOut(
                        program: name, operation: operation, max: timeMax)
                }
                return result
            }
        } catch let error as ListTargetError {
            throw error
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw .programMissing(name)
        } catch {
            throw .program(name, operation: operation, status: -1, text: Self.cleaned("\(error)"))
        }
    }

    /// As ``run(_:input:extra:outputBytesMax:)``, where any end but success is an error.
    @discardableResult
    func check(
        _ arguments: [String], input: [UInt8] = [], extra: [String: String] = [:],
        outputBytesMax: Int = outputBytesMax
    ) async throws(ListTargetError) -> [UInt8] {
        let result = try await run(
            arguments, input: input, extra: extra, outputBytesMax: outputBytesMax)
        guard result.status == 0 else { throw failure(arguments, result) }
        return result.output
    }

    func failure(_ arguments: [String], _ result: Result) -> ListTargetError {
        .program(
            name, operation: arguments.first { !$0.hasPrefix("-") } ?? "", status: result.status,
            text: Self.cleaned(result.errorText))
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
            .name(name), arguments: Arguments(arguments), environment: variables(extra),
            platformOptions: options,
            input: .fileDescriptor(try Self.readEnd(of: input), closeAfterSpawningProcess: true),
            output: .bytes(limit: outputBytesMax), error: .bytes(limit: Self.outputBytesMax))
        let status =
            switch result.terminationStatus {
            case .exited(let code): Int(code)
            case .signaled(let signal): 128 + Int(signal)
            }
        return Result(
            status: status, output: result.standardOutput,
            errorText: String(decoding: result.standardError, as: UTF8.self))
    }

    private func variables(_ extra: [String: String]) -> Environment {
        let own = ProcessInfo.processInfo.environment
        var variables = environment.merging(extra) { $1 }
        variables["PATH"] = own["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        variables["SSH_AUTH_SOCK"] = own["SSH_AUTH_SOCK"]
        variables["LC_ALL"] = "C.UTF-8"
        var keyed: [Environment.Key: String] = [:]
        for (key, value) in variables {
            if let key = Environment.Key(rawValue: key) { keyed[key] = value }
        }
        return .custom(keyed)
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
            throw ListTargetError.file(operation: "socketpair", path: "", code: errno)
        }
        defer { close(ends[1]) }
        let sent = unsafe input.withUnsafeBytes { bytes in
            unsafe send(ends[1], bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == input.count, let descriptor = Descriptor(rawValue: ends[0]) else {
            close(ends[0])
            throw ListTargetError.file(operation: "send", path: "", code: errno)
        }
        return descriptor
    }

    /// Text of others as one line of at most 1,000 characters, for errors and evidence.
    static func cleaned(_ text: String) -> String {
        let words = text.unicodeScalars.prefix(4_000).map { scalar in
            scalar.properties.generalCategory == .control
                || scalar.properties.generalCategory == .format ? " " : Character(scalar)
        }
        return String(String(words).split(separator: " ").joined(separator: " ").prefix(1_000))
    }
}
