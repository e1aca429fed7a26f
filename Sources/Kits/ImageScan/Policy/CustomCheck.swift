// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
public import Programs

/// A site's own check: a program that describes itself and judges facts, as `CustomChecks.md`
/// says. It runs in a sandbox, so what it does is a finding at worst.
public struct CustomCheck: Sendable {
    private let program: Program
    private let description: Description

    /// What one run may take.
    public static let timeMax: Duration = .seconds(60)
    public static let limits = Sandbox.Limits(
        cpuTimeMax: .seconds(60), memoryBytesMax: 1 << 30, fileBytesMax: 64 << 20)
    /// Of an answer, in bytes.
    public static let outputBytesMax = 4 << 20
    /// Programs in one directory.
    public static let countMax = 64
    static let needsMax = 64
    static let contentBytesMax = 1 << 20
    private static let textLengthMax = 4_000
    /// Where the directory of checks lies in the sandbox.
    private static let folder = "/checks"

    /// The checks in a directory, by the names of their files: everything that can be executed.
    ///
    /// - Parameters:
    ///   - timeMax: for judging one image.
    ///   - limits: for each run.
    /// - Throws: ``ImageScanError/unreadable(path:reason:)``,
    ///   ``ImageScanError/customCheck(path:reason:)``.
    public static func checks(
        in directory: String, timeMax: Duration = timeMax, limits: Sandbox.Limits = limits
    ) async throws(ImageScanError) -> [Check] {
        let sandbox = Sandbox(
            readOnly: [Sandbox.Bind(host: directory, inside: folder)], limits: limits,
            directory: folder)
        var checks: [Check] = []
        for name in try CheckDirectory.programs(in: directory) {
            let path = "\(directory)/\(name)"
            func program(_ timeMax: Duration) -> Program {
                Program("\(folder)/\(name)", timeMax: timeMax, sandbox: sandbox)
            }
            let description = try await describe(program(Self.timeMax), path: path)
            let check = CustomCheck(program: program(timeMax), description: description).check
            guard !(Check.builtIn + checks).contains(where: { $0.name == check.name }) else {
                throw .customCheck(path: path, reason: "there is a check '\(check.name)' already")
            }
            checks.append(check)
        }
        return checks
    }

    private var check: Check {
        Check(
            description.name, description.severity, description.title,
            documentation: description.documentation, needs: description.needs,
            judgesGuest: false
        ) { guest, context in await judge(guest, context) }
    }

    private static func describe(
        _ program: Program, path: String
    ) async throws(ImageScanError) -> Description {
        let answer: Description
        do {
            let result = try await program.run(["--describe"], outputBytesMax: outputBytesMax)
            answer = try decoded(result)
        } catch {
            throw .customCheck(path: path, reason: "--describe: \(reason(error))")
        }
        if let problem = answer.problem { throw .customCheck(path: path, reason: problem) }
        return answer
    }

    private func judge(_ guest: Guest, _ context: ScanContext) async -> CheckResult {
        do {
            let directory = try PrivateDirectory()
            // On one line, always in the same order, for programs that read JSON as text.
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let facts = try encoder.encode(facts(guest))
            let input = try directory.write(Array(facts), to: "facts.json")
            let result = try await program.run(
                [], inputFile: input, extra: ["IMPRIMATUR_SCAN_TIME": "\(context.time)"],
                outputBytesMax: Self.outputBytesMax)
            return try Self.decoded(result, as: Answer.self).result
        } catch {
            return .failed([Finding("the check itself failed: \(Self.reason(error))")])
        }
    }

    /// All facts, but only the entries that the check asked for.
    private func facts(_ guest: Guest) -> GuestFacts {
        var facts = guest.facts
        facts.entries = guest.entries(description.needs)
        return facts
    }

    /// Why a program gave no answer.
    private struct Failure: Error {
        var reason: String
    }

    private static func decoded<Value: Decodable>(
        _ result: Program.Result, as type: Value.Type = Value.self
    ) throws -> Value {
        guard result.status == 0 else {
            let said = Program.cleaned(String(result.errorText.suffix(300)))
            throw Failure(
                reason: "it ended with status \(result.status)" + (said.isEmpty ? "" : ": \(said)"))
        }
        return try JSONDecoder().decode(type, from: Data(result.output))
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as Failure: error.reason
        case let error as ProgramsError: "\(error)"
        default: "its answer is \(JSONFault.reason(error))"
        }
    }
}

extension CustomCheck {
    /// What a program says of itself.
    private struct Description: Decodable {
        var name: String
        var severity: Severity
        var title: String
        var documentation: Check.Documentation
        var needs: [InspectionQuery.Pattern]

        /// Why it cannot be taken for a check.
        var problem: String? {
            let words = name.split(separator: "-", omittingEmptySubsequences: false)
            let isName = words.allSatisfy { word in
                !word.isEmpty && word.utf8.allSatisfy { $0.isLowerCase || $0.isDigit }
            }
            guard isName, name.utf8.count <= 64 else {
                return "'name' is not lower-case words with hyphens of at most 64 characters"
            }
            let texts = [
                title, documentation.finds, documentation.matters, documentation.mend,
                documentation.waive,
            ]
            guard texts.allSatisfy({ $0.count <= textLengthMax }), !title.isEmpty else {
                return "a text is empty or longer than \(textLengthMax) characters"
            }
            guard needs.count <= needsMax else { return "more than \(needsMax) 'needs'" }
            for need in needs {
                guard need.glob.hasPrefix("/"), need.glob.utf8.count <= 1_024 else {
                    return "a 'glob' does not begin with a slash, or is too long"
                }
                guard (0...contentBytesMax).contains(need.contentBytesMax) else {
                    return "a 'contentBytesMax' is not 0 to \(contentBytesMax)"
                }
            }
            return nil
        }
    }

    /// What a program says of an image.
    private struct Answer: Decodable {
        var outcome: Outcome
        var findings: [Finding]?
        var reason: String?

        enum Outcome: String, Decodable {
            case passed, failed
            case notApplicable = "not-applicable"
        }

        var result: CheckResult {
            get throws {
                let findings = findings ?? []
                switch outcome {
                case .passed:
                    guard findings.isEmpty else { throw Failure(reason: "it passed with findings") }
                    return .passed
                case .failed:
                    guard !findings.isEmpty else {
                        throw Failure(reason: "it failed without a finding")
                    }
                    return .failed(findings)
                case .notApplicable:
                    return .notApplicable(reason: reason ?? "the check does not say why")
                }
            }
        }
    }
}
