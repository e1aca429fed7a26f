// SPDX-License-Identifier: Apache-2.0

/// One configuration value a worker understands: what `--help` prints, what the file, the
/// environment and the flags are checked against.
///
/// A key is dotted and kebab-case: `fetcher.size-max` is the flag `--fetcher-size-max`, the
/// variable `IMPRIMATUR_FETCHER_SIZE_MAX` and `fetcher: {size-max: …}` in the file. Flags win
/// over the environment, the environment over the file.
public struct Setting: Sendable {
    public enum Kind: Sendable, Hashable {
        case text
        /// A path in the file system.
        case path
        case url
        case integer(ClosedRange<Int>)
        /// `250ms`, `30s`, `10m`, `1h`.
        case duration(ClosedRange<Duration>)
        /// Bytes: `512KiB`, `10GiB`, or plain digits.
        case bytes(ClosedRange<Int>)
        case flag
        case choice([String])
        /// Comma-separated on the command line and in the environment, a list in the file.
        case list
        /// A password or the like. Given in a file named by `<key>-file`, or in the environment;
        /// never as a flag, never in the configuration file, never printed.
        case secret
    }

    public var key: String
    public var kind: Kind
    /// As the user would write it; nil with `isRequired` false means "off".
    public var defaultValue: String?
    public var isRequired: Bool
    /// One sentence for `--help`, with unit and range where they are not plain.
    public var help: String

    public init(
        _ key: String, _ kind: Kind, default defaultValue: String? = nil,
        required isRequired: Bool = false, help: String
    ) {
        self.key = key
        self.kind = kind
        self.defaultValue = defaultValue
        self.isRequired = isRequired
        self.help = help
    }
}

/// A worker's own settings, beside those every worker has (`amqp.*`, `store.*`, `log.*`,
/// `concurrency`, `attempts`, …).
public protocol WorkerConfiguration: Sendable {
    static var settings: [Setting] { get }
    /// Reads the declared settings. Missing and malformed values have been refused by then.
    ///
    /// - Throws: ``ConfigurationError`` where values contradict each other.
    init(_ values: SettingValues) throws(ConfigurationError)
}
