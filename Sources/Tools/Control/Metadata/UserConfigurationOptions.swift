// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials

/// Where a value comes from that is not on the command line: a variable of the environment, else
/// StratusLab's user configuration.
struct UserConfigurationOptions: ParsableArguments {
    @Option(
        name: [.customShort("c", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp(
            "StratusLab's user configuration file; ~/.stratuslab/stratuslab-user.cfg when it is "
                + "there and this is not given.", valueName: "file"))
    var config: String?

    @Option(
        name: [.customShort("S", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp(
            "Section of that file to use; the variable STRATUSLAB_USER_CONFIG_SECTION when not "
                + "given.", valueName: "section"))
    var userConfigSection: String?

    func validate() throws {
        if let config, !FileManager.default.isReadableFile(atPath: config) {
            throw ValidationError("the configuration file '\(config)' cannot be read")
        }
    }

    /// A value by the name it has in the environment; empty ones count as absent.
    static func variable(_ name: String) -> String? {
        let value = ProcessInfo.processInfo.environment[name]
        return value?.isEmpty == false ? value : nil
    }

    /// The variable `STRATUSLAB_<KEY>`, else the file's `key`.
    func value(_ key: String) throws -> String? {
        try Self.variable("STRATUSLAB_" + key.uppercased()) ?? configured(key)
    }

    /// The file's `key`.
    func configured(_ key: String) throws -> String? {
        guard let path = try path() else { return nil }
        let bytes: [UInt8]
        do {
            bytes = try InputFile.read(path, bytesMax: StratusLabConfiguration.bytesMax)
        } catch {
            throw CommandFailure(.configuration, "the configuration file '\(path)' cannot be read")
        }
        let section = userConfigSection ?? Self.variable("STRATUSLAB_USER_CONFIG_SECTION")
        do {
            let text = String(decoding: bytes, as: UTF8.self)
            return try StratusLabConfiguration(text, section: section).value(key)
        } catch {
            throw CommandFailure(
                .configuration,
                "Error parsing user configuration file \(path). Details: "
                    + Terminal.plain("\(error)"))
        }
    }

    /// nil when none was named and the usual one is not there.
    private func path() throws -> String? {
        if let config { return config }
        guard let home = Self.variable("HOME") else { return nil }
        let usual = home + "/.stratuslab/stratuslab-user.cfg"
        return FileManager.default.fileExists(atPath: usual) ? usual : nil
    }
}
