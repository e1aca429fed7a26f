// SPDX-License-Identifier: Apache-2.0

/// The values of declared settings, checked against their kinds.
///
/// Asking for a key that was not declared, or as another kind than declared, is a programmer's
/// mistake and traps.
public struct SettingValues: Sendable {
    /// A value as the user wrote it. A list has one element per item.
    struct Entry: Sendable {
        var items: [String]
        var origin: SettingOrigin
        var text: String { items.joined(separator: ",") }
    }

    private let settings: [String: Setting]
    private let entries: [String: Entry]

    init(settings: [Setting], entries: [String: Entry]) {
        self.settings = Dictionary(settings.map { ($0.key, $0) }) { first, _ in first }
        self.entries = entries
    }

    /// Values by key as a user would write them, for tests and for programs with a parser of
    /// their own. Secrets are given under their own key.
    ///
    /// - Throws: ``ConfigurationError`` as for a user's input.
    public init(_ settings: [Setting], _ values: [String: String]) throws(ConfigurationError) {
        let raw = values.mapValues { Entry(items: [$0], origin: .commandLine) }
        self = try SettingCheck(settings: settings).values(from: raw)
    }

    /// Text, path, URL or choice; nil when it is not set and has no default.
    public func string(_ key: String) -> String? {
        switch setting(key).kind {
        case .text, .path, .url, .choice: return entries[key]?.text
        default: preconditionFailure("setting \(key) is not text")
        }
    }

    /// As ``string(_:)``, where the worker cannot go on without.
    public func require(_ key: String) throws(ConfigurationError) -> String {
        guard let value = string(key) else { throw missing(key) }
        return value
    }

    /// An integer that has a default or is required.
    public func integer(_ key: String) throws(ConfigurationError) -> Int {
        guard let value = integer(ifSet: key) else { throw missing(key) }
        return value
    }

    public func integer(ifSet key: String) -> Int? {
        guard case .integer = setting(key).kind else {
            preconditionFailure("setting \(key) is not an integer")
        }
        return entries[key].flatMap { Int($0.text) }
    }

    /// A duration that has a default or is required.
    public func duration(_ key: String) throws(ConfigurationError) -> Duration {
        guard let value = duration(ifSet: key) else { throw missing(key) }
        return value
    }

    public func duration(ifSet key: String) -> Duration? {
        guard case .duration = setting(key).kind else {
            preconditionFailure("setting \(key) is not a duration")
        }
        return entries[key].flatMap { Quantity.duration($0.text) }
    }

    /// A number of bytes that has a default or is required.
    public func bytes(_ key: String) throws(ConfigurationError) -> Int {
        guard let value = bytes(ifSet: key) else { throw missing(key) }
        return value
    }

    public func bytes(ifSet key: String) -> Int? {
        guard case .bytes = setting(key).kind else {
            preconditionFailure("setting \(key) is not a number of bytes")
        }
        return entries[key].flatMap { Quantity.bytes($0.text) }
    }

    /// False when it is not set and has no default.
    public func flag(_ key: String) -> Bool {
        guard setting(key).kind == .flag else {
            preconditionFailure("setting \(key) is not a flag")
        }
        return entries[key]?.text == "true"
    }

    /// Empty when it is not set and has no default.
    public func list(_ key: String) -> [String] {
        guard setting(key).kind == .list else {
            preconditionFailure("setting \(key) is not a list")
        }
        return entries[key]?.items ?? []
    }

    /// The secret itself, read from its file or the environment; nil when neither is given.
    /// Never log it, never put it into an error.
    public func secret(_ key: String) -> String? {
        guard setting(key).kind == .secret else {
            preconditionFailure("setting \(key) is not a secret")
        }
        return entries[key]?.text
    }

    /// Where the value came from; nil when there is none.
    public func origin(_ key: String) -> SettingOrigin? { entries[key]?.origin }

    /// An error about the value of `key`, naming where it came from.
    public func problem(_ key: String, _ reason: String) -> ConfigurationError {
        ConfigurationError(problems: [
            ConfigurationError.Problem(key: key, origin: origin(key), reason: reason)
        ])
    }

    private func setting(_ key: String) -> Setting {
        guard let setting = settings[key] else {
            preconditionFailure("setting \(key) is not declared")
        }
        return setting
    }

    private func missing(_ key: String) -> ConfigurationError {
        ConfigurationError(problems: [SettingCheck.missing(setting(key))])
    }
}
