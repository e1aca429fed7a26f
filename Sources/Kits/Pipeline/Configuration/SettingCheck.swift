// SPDX-License-Identifier: Apache-2.0

/// Checks what a user wrote against the declared settings.
struct SettingCheck {
    var settings: [Setting]

    /// Adds defaults and collects every malformed or missing value before it throws.
    func values(
        from raw: [String: SettingValues.Entry],
        problems known: [ConfigurationError.Problem] = []
    ) throws(ConfigurationError) -> SettingValues {
        var problems = known
        var entries: [String: SettingValues.Entry] = [:]
        let broken = Set(known.map(\.key))
        for setting in settings {
            var entry = raw[setting.key]
            if entry == nil, let text = setting.defaultValue {
                entry = SettingValues.Entry(items: [text], origin: .defaultValue)
            }
            guard let entry else {
                if setting.isRequired, !broken.contains(setting.key) {
                    problems.append(Self.missing(setting))
                }
                continue
            }
            switch Self.normalised(entry.items, as: setting.kind) {
            case .success(let items):
                entries[setting.key] = SettingValues.Entry(items: items, origin: entry.origin)
            case .failure(let refusal):
                problems.append(
                    ConfigurationError.Problem(
                        key: setting.key, origin: entry.origin, reason: refusal.reason))
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return SettingValues(settings: settings, entries: entries)
    }

    static func missing(_ setting: Setting) -> ConfigurationError.Problem {
        let ways =
            setting.kind == .secret
            ? "name a file that holds it with \(setting.flag)-file, or set \(setting.variable)"
            : "set it with \(setting.flag), \(setting.variable) or in the configuration file"
        return ConfigurationError.Problem(
            key: setting.key, reason: "a value is required; \(ways)")
    }

    struct Refusal: Error {
        var reason: String
    }

    static func normalised(
        _ items: [String], as kind: Setting.Kind
    ) -> Result<[String], Refusal> {
        let text = items.joined(separator: ",")
        func refuse(_ accepted: String) -> Result<[String], Refusal> {
            .failure(Refusal(reason: "'\(text.prefix(80))' is not accepted; expected \(accepted)"))
        }
        switch kind {
        case .text, .path:
            return text.isEmpty || text.contains("\0")
                ? refuse("text, not empty") : .success([text])
        case .url:
            return isURL(text) ? .success([text]) : refuse("a URL such as https://host/path")
        case .integer(let range):
            guard let value = Int(text), range.contains(value) else {
                return refuse(kind.accepted)
            }
            return .success([String(value)])
        case .duration(let range):
            guard let value = Quantity.duration(text), range.contains(value) else {
                return refuse(kind.accepted)
            }
            return .success([text])
        case .bytes(let range):
            guard let value = Quantity.bytes(text), range.contains(value) else {
                return refuse(kind.accepted)
            }
            return .success([text])
        case .flag:
            switch text.lowercased() {
            case "true", "yes", "1", "on": return .success(["true"])
            case "false", "no", "0", "off": return .success(["false"])
            default: return refuse(kind.accepted)
            }
        case .choice(let choices):
            return choices.contains(text) ? .success([text]) : refuse(kind.accepted)
        case .list: return .success(split(items))
        case .secret:
            // A secret's text must not appear in the refusal.
            return text.isEmpty ? .failure(Refusal(reason: "is empty")) : .success([text])
        }
    }

    private static func split(_ items: [String]) -> [String] {
        items.flatMap { $0.split(separator: ",") }
            .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
            .filter { !$0.isEmpty }
    }

    private static func isURL(_ text: String) -> Bool {
        let scheme = text.prefix {
            $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0))
        }
        guard let first = scheme.first, first.isLetter else { return false }
        let rest = text[scheme.endIndex...]
        return rest.hasPrefix("://") && rest.utf8.count > 3
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }
}

extension Setting {
    /// Such as `--fetcher-size-max`.
    public var flag: String { "--" + key.replacing(".", with: "-") }

    /// Such as `IMPRIMATUR_FETCHER_SIZE_MAX`.
    public var variable: String {
        "IMPRIMATUR_" + key.uppercased().replacing(".", with: "_").replacing("-", with: "_")
    }
}

extension Setting.Kind {
    /// What is accepted, in a few words.
    var accepted: String {
        switch self {
        case .text: "text"
        case .path: "a path"
        case .url: "a URL"
        case .integer(let range):
            range.upperBound == .max
                ? "an integer from \(range.lowerBound)"
                : "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "a duration such as 250ms, 30s, 10m or 1h, from \(Quantity.text(range.lowerBound))"
                + " to \(Quantity.text(range.upperBound))"
        case .bytes(let range):
            "bytes such as 4096, 512KiB or 10GiB, from \(Quantity.text(bytes: range.lowerBound))"
                + (range.upperBound == .max
                    ? "" : " to \(Quantity.text(bytes: range.upperBound))")
        case .flag: "true or false"
        case .choice(let choices): "one of " + choices.joined(separator: ", ")
        case .list: "a list"
        case .secret: "a secret"
        }
    }
}
