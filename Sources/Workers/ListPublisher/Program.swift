// SPDX-License-Identifier: Apache-2.0
import Programs

/// `svn` or `git`, which may use the user's SSH agent.
struct Program: Sendable {
    let name: String
    /// All the program sees of an environment, beside `PATH` and `SSH_AUTH_SOCK`.
    let environment: [String: String]
    let timeMax: Duration

    static let outputBytesMax = Programs.Program.outputBytesMax
    static let inputBytesMax = Programs.Program.inputBytesMax

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
        let program = Programs.Program(
            name, environment: environment, inheriting: ["SSH_AUTH_SOCK"], timeMax: timeMax)
        do throws(ProgramsError) {
            let result = try await program.run(
                arguments, input: input, extra: extra, outputBytesMax: outputBytesMax)
            return Result(
                status: result.status, output: result.output, errorText: result.errorText)
        } catch {
            switch error {
            case .missing(let name): throw .programMissing(name)
            case .timedOut(let name, let max):
                throw .timedOut(program: name, operation: Self.operation(arguments), max: max)
            case .notRun(let name, let reason):
                throw .program(
                    name, operation: Self.operation(arguments), status: -1, text: reason)
            case .outputExceeded, .sandboxUnavailable:
                throw .program(
                    name, operation: Self.operation(arguments), status: -1, text: "\(error)")
            case .system(let operation, let path, let code):
                throw .file(operation: operation, path: path, code: code)
            }
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
            name, operation: Self.operation(arguments), status: result.status,
            text: Self.cleaned(result.errorText))
    }

    private static func operation(_ arguments: [String]) -> String {
        arguments.first { !$0.hasPrefix("-") } ?? ""
    }

    /// Text of others as one line of at most 1,000 characters, for errors and evidence.
    static func cleaned(_ text: String) -> String { Programs.Program.cleaned(text) }
}
