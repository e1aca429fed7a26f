// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a program's configuration: all problems at once, each with the key, where
/// it came from and what is accepted. Never holds a secret's value.
public struct ConfigurationError: Error, Sendable, Hashable {
    public var problems: [Problem]

    public struct Problem: Sendable, Hashable {
        /// The setting, such as `fetcher.size-max`; for an unknown one what the user wrote.
        public var key: String
        public var origin: SettingOrigin?
        /// What is wrong and what is accepted, as the end of a sentence about the key.
        public var reason: String

        public init(key: String, origin: SettingOrigin? = nil, reason: String) {
            self.key = key
            self.origin = origin
            self.reason = reason
        }
    }

    public init(problems: [Problem]) {
        self.problems = problems
    }

    /// One problem, for a worker that finds its values contradictory.
    public init(_ key: String, _ reason: String) {
        problems = [Problem(key: key, reason: reason)]
    }

    /// `EX_USAGE` (64) when only the command line is at fault, else `EX_CONFIG` (78); sysexits.h.
    public var exitCode: Int32 {
        let onlyFlags = problems.allSatisfy { $0.origin == .commandLine }
        return onlyFlags && !problems.isEmpty ? 64 : 78
    }
}

/// Where a configuration value came from.
public enum SettingOrigin: Sendable, Hashable {
    case commandLine
    /// The variable's name.
    case environment(String)
    /// Path of the file and, when known, the line from 1.
    case file(String, line: Int?)
    /// The setting's own default.
    case defaultValue
}

extension SettingOrigin: CustomStringConvertible {
    public var description: String {
        switch self {
        case .commandLine: "command line"
        case .environment(let name): "environment variable \(name)"
        case .file(let path, let line?): "\(path), line \(line)"
        case .file(let path, nil): path
        case .defaultValue: "default"
        }
    }
}

extension ConfigurationError: CustomStringConvertible {
    public var description: String {
        problems.map { problem in
            let origin = problem.origin.map { " (\($0))" } ?? ""
            return "\(problem.key)\(origin): \(problem.reason)"
        }.joined(separator: "\n")
    }
}
