// SPDX-License-Identifier: Apache-2.0
import Configuration
public import FoundationEssentials

/// Where a program's configuration comes from: flags win over the environment, the environment
/// over the file.
public struct SettingSources: Sendable {
    /// Values of flags by setting key.
    public var flags: [String: String]
    /// Path of a YAML or JSON file.
    public var file: String?
    public var environment: [String: String]

    /// Names the configuration file where no flag does.
    public static let fileVariable = "IMPRIMATUR_CONFIG"

    /// - Parameter file: what `--config` names; the variable `IMPRIMATUR_CONFIG` when nil.
    public init(
        flags: [String: String] = [:], file: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let named = environment[Self.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
        self.flags = flags
        self.file = file ?? named
        self.environment = environment
    }

    /// Reads and checks the values of `settings`.
    ///
    /// A key of the file is refused when its first component is none of the known sections, or is
    /// a section of `settings` that has no such setting; what belongs to other programs is left
    /// alone.
    ///
    /// - Parameter problems: what was found before, to be told with the rest.
    /// - Throws: ``ConfigurationError`` with every problem there is.
    public func load(
        _ settings: [Setting], problems known: [ConfigurationError.Problem] = []
    ) throws(ConfigurationError) -> SettingValues {
        var problems = known
        let flags = accept(flags: settings, &problems)
        let contents = try readFile(settings, &problems)
        let readers: [any ConfigProvider] = [
            InMemoryProvider(name: "command line", values: flags),
            EnvironmentVariablesProvider(environmentVariables: environment),
            InMemoryProvider(name: "file", values: contents.values),
        ]
        var raw: [String: SettingValues.Entry] = [:]
        for setting in settings {
            var setting = setting
            if setting.kind == .secret {
                raw[setting.key] = secret(setting, readers, contents.lines, &problems)
                continue
            }
            raw[setting.key] = entry(&setting, readers, contents.lines)
        }
        return try SettingCheck(settings: settings).values(from: raw, problems: problems)
    }

    /// The first source that has a value for the setting.
    private func entry(
        _ setting: inout Setting, _ readers: [any ConfigProvider], _ lines: [String: Int]
    ) -> SettingValues.Entry? {
        let path = setting.key.split(separator: ".").map(String.init)
        for (index, reader) in readers.enumerated() {
            // Variables bear the program's prefix, which the key's first component gives them.
            let key = AbsoluteConfigKey(index == 1 ? ["imprimatur"] + path : path)
            guard let value = lookUp(reader, key) else { continue }
            let origin: SettingOrigin =
                switch index {
                case 0: .commandLine
                case 1: .environment(setting.variable)
                default: .file(file ?? "", line: lines[setting.key])
                }
            return SettingValues.Entry(items: value, origin: origin)
        }
        return nil
    }

    private func lookUp(_ reader: any ConfigProvider, _ key: AbsoluteConfigKey) -> [String]? {
        if case .string(let text) =
            (try? reader.value(forKey: key, type: .string))?.value?.content
        {
            return [text]
        }
        if case .stringArray(let items) =
            (try? reader.value(forKey: key, type: .stringArray))?.value?.content
        {
            return items
        }
        return nil
    }

    /// A secret comes from the file that `<key>-file` names, or from the environment.
    private func secret(
        _ setting: Setting, _ readers: [any ConfigProvider], _ lines: [String: Int],
        _ problems: inout [ConfigurationError.Problem]
    ) -> SettingValues.Entry? {
        var file = Setting(setting.key + "-file", .path, help: "")
        if let named = entry(&file, readers, lines) {
            do throws(SecretFile.Refusal) {
                return SettingValues.Entry(
                    items: [try SecretFile.read(named.text)], origin: named.origin)
            } catch {
                problems.append(
                    ConfigurationError.Problem(
                        key: file.key, origin: named.origin, reason: error.reason))
                return nil
            }
        }
        return environment[setting.variable].map {
            SettingValues.Entry(items: [$0], origin: .environment(setting.variable))
        }
    }

    private func accept(
        flags settings: [Setting], _ problems: inout [ConfigurationError.Problem]
    ) -> [AbsoluteConfigKey: ConfigValue] {
        var accepted: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, text) in flags.sorted(by: { $0.key < $1.key }) {
            if let reason = refusal(of: key, settings) {
                problems.append(
                    ConfigurationError.Problem(key: key, origin: .commandLine, reason: reason))
            } else {
                accepted[AbsoluteConfigKey(key.split(separator: ".").map(String.init))] =
                    ConfigValue(.string(text), isSecret: false)
            }
        }
        return accepted
    }

    private func readFile(
        _ settings: [Setting], _ problems: inout [ConfigurationError.Problem]
    ) throws(ConfigurationError) -> (values: [AbsoluteConfigKey: ConfigValue], lines: [String: Int])
    {
        guard let file else { return ([:], [:]) }
        let contents = try ConfigurationFile(path: file)
        let own = Set(settings.map(\.section))
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        var lines: [String: Int] = [:]
        for (key, value) in contents.values.sorted(by: { $0.key < $1.key }) {
            let section = key.prefix { $0 != "." }
            let isForeign =
                CommonSettings.sections.contains(String(section)) && !own.contains(section)
            if isForeign || isEmptySection(key, value, settings) { continue }
            if let reason = refusal(of: key, settings) {
                problems.append(
                    ConfigurationError.Problem(
                        key: key, origin: .file(file, line: value.line), reason: reason))
                continue
            }
            lines[key] = value.line
            values[AbsoluteConfigKey(key.split(separator: ".").map(String.init))] =
                value.items.count == 1
                ? ConfigValue(.string(value.items[0]), isSecret: false)
                : ConfigValue(.stringArray(value.items), isSecret: false)
        }
        return (values, lines)
    }

    /// `fetcher:` with nothing below it, as is left when all below is commented out.
    private func isEmptySection(
        _ key: String, _ value: ConfigurationFile.Value, _ settings: [Setting]
    ) -> Bool {
        value.items == [""] && CommonSettings.sections.contains(key)
            && !settings.contains { $0.key == key }
    }

    /// Why a key given as a flag or in the file is refused; nil when it is fine.
    private func refusal(of key: String, _ settings: [Setting]) -> String? {
        if let setting = settings.first(where: { $0.key == key }) {
            guard setting.kind == .secret else { return nil }
            return "is a secret and is not taken from here; name a file that holds it with"
                + " \(setting.flag)-file, or set \(setting.variable)"
        }
        if settings.contains(where: { $0.kind == .secret && $0.key + "-file" == key }) {
            return nil
        }
        let near = Suggestion.nearest(to: key, among: settings.map(\.key))
        return "there is no such setting" + (near.map { "; did you mean \($0)?" } ?? "")
    }
}

extension Setting {
    /// The key's first component.
    var section: Substring { key.prefix { $0 != "." } }
}
