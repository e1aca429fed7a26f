// SPDX-License-Identifier: Apache-2.0
import Events

/// The text of `--help`, made from the declared settings.
public enum SettingHelp {
    /// Settings grouped by their keys' first component, each with flag, variable, what is
    /// accepted and the default.
    public static func text(_ settings: [Setting]) -> String {
        var groups: [(name: String, settings: [Setting])] = []
        for setting in settings {
            let name = setting.key.contains(".") ? String(setting.section) : "general"
            if let index = groups.firstIndex(where: { $0.name == name }) {
                groups[index].settings.append(setting)
            } else {
                groups.append((name, [setting]))
            }
        }
        return groups.map { group in
            ([group.name + ":"] + group.settings.map(entry)).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    /// What a worker prints.
    static func worker(_ stage: Stage, settings: [Setting]) -> String {
        """
        USAGE: imprimatur-\(stage.rawValue) [--config FILE] [--<setting> <value> ...]

        Consumes \(stage.consumes.map(\.routingKey).joined(separator: ", ")), emits \(stage.emits.routingKey).
        Its queue is \(stage.queue).

        A setting is a flag, an environment variable or a key of the configuration file (YAML or
        JSON: `fetcher.size-max` is `fetcher: {size-max: ...}`); flags win over the environment,
        the environment over the file. Secrets are read from a file or the environment only.

          --config FILE   configuration file; one file may serve all programs. The variable
                          IMPRIMATUR_CONFIG names it where the flag does not
          --help          show this
          --version       show the version

        \(text(settings))
        """
    }

    private static func entry(_ setting: Setting) -> String {
        let isSecret = setting.kind == .secret
        let flag = isSecret ? "\(setting.flag)-file <path>" : "\(setting.flag) <value>"
        var facts: [String] = []
        if isSecret { facts.append("a file that holds it") }
        if !isSecret, setting.kind != .text { facts.append(setting.kind.accepted) }
        if let value = setting.defaultValue { facts.append("default \(value)") }
        if setting.isRequired { facts.append("required") }
        facts.append((isSecret ? "or the secret itself in " : "") + setting.variable)
        let lines = wrapped(setting.help) + wrapped("[\(facts.joined(separator: "; "))]")
        return (["  " + flag] + lines.map { "      " + $0 }).joined(separator: "\n")
    }

    /// Lines of at most 90 columns, broken at spaces.
    private static func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + word.count < 90 {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
