// SPDX-License-Identifier: Apache-2.0

/// What a worker's command line asks for.
public enum WorkerCommand: Sendable, Hashable {
    case help
    case version
    /// Run with these flags, by setting key, and this configuration file. What was not understood
    /// goes with them, so that ``SettingSources/load(_:problems:)`` tells all problems at once.
    case run(
        flags: [String: String], file: String?, problems: [ConfigurationError.Problem] = [])

    /// Reads `--key value`, `--key=value`, `--flag`, `--config FILE`, `--help` and `--version`.
    ///
    /// - Parameter arguments: without the program's name.
    public init(arguments: some Sequence<String>, settings: [Setting]) {
        var flags: [String: String] = [:]
        var file: String?
        var problems: [ConfigurationError.Problem] = []
        var rest = Array(arguments)[...]
        func refuse(_ argument: some StringProtocol, _ reason: String) {
            problems.append(
                ConfigurationError.Problem(
                    key: String(argument.prefix(80)), origin: .commandLine, reason: reason))
        }
        while let argument = rest.popFirst() {
            if argument == "--help" || argument == "-h" {
                self = .help
                return
            }
            if argument == "--version" {
                self = .version
                return
            }
            guard argument.hasPrefix("--") else {
                refuse(argument, "is not a flag; flags start with --")
                continue
            }
            let name = argument.prefix { $0 != "=" }
            let inline = name.count < argument.count ? argument.dropFirst(name.count + 1) : nil
            let known = Self.setting(named: String(name), settings)
            if name != "--config", known == nil {
                let near = Suggestion.nearest(
                    to: String(name), among: settings.map(\.flag) + ["--config", "--help"])
                refuse(
                    name,
                    "there is no such flag" + (near.map { "; did you mean \($0)?" } ?? ""))
                // The value of an unknown flag is not another problem.
                if inline == nil, let next = rest.first, !next.hasPrefix("--") {
                    rest.removeFirst()
                }
                continue
            }
            var value = inline.map { String($0) }
            if value == nil, known?.kind == .flag { value = "true" }
            if value == nil, let next = rest.first, !next.hasPrefix("--") {
                value = next
                rest.removeFirst()
            }
            guard let value else {
                refuse(name, "needs a value")
                continue
            }
            if let known { flags[known.key] = value } else { file = value }
        }
        self = .run(flags: flags, file: file, problems: problems)
    }

    /// The setting that a flag sets; a secret's flag is known, so that its refusal can teach.
    private static func setting(named flag: String, _ settings: [Setting]) -> Setting? {
        for setting in settings {
            if setting.flag == flag { return setting }
            if setting.kind == .secret, setting.flag + "-file" == flag {
                return Setting(setting.key + "-file", .path, help: "")
            }
        }
        return nil
    }
}
