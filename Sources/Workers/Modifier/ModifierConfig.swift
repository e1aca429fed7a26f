// SPDX-License-Identifier: Apache-2.0
import Pipeline

/// What the modifier can be told.
struct ModifierConfig: WorkerConfiguration {
    /// Where working copies lie, and an appliance that the worker makes itself.
    let workDirectory: String
    /// Of an appliance that somebody else has made.
    let appliance: String?
    let usesKVM: Bool
    let usesNetwork: Bool
    /// Of the virtual machine, in bytes.
    let memory: Int
    /// For all programs that work on one image, together.
    let timeMax: Duration
    /// The largest disk, as a guest sees it, in bytes.
    let diskSizeMax: Int

    static let settings: [Setting] = [
        Setting(
            "modifier.work-directory", .path, default: "/var/tmp/imprimatur-modifier",
            help: "Directory for working copies of images, of which each takes up to the size of"
                + " its disk, twice; may be lost at any time."),
        Setting(
            "modifier.appliance", .path,
            help: "Directory that libguestfs-make-fixed-appliance has made; the worker makes one"
                + " in its work directory if unset."),
        Setting(
            "modifier.kvm", .flag, default: "false",
            help: "Use /dev/kvm, which has to work for the worker's user (for nobody, when the"
                + " worker runs as root); otherwise the processor is emulated."),
        Setting(
            "modifier.network", .flag, default: "false",
            help: "Let modifications reach this machine's network, such as package mirrors, and"
                + " with it all that this machine reaches."),
        Setting(
            "modifier.memory", .bytes((256 << 20)...(64 << 30)), default: "1GiB",
            help: "Memory of the virtual machine that works on images."),
        Setting(
            "modifier.time-max", .duration(.seconds(1) ... .seconds(86_400)), default: "10m",
            help: "How long the modifications of one image may take; raise handler.deadline with"
                + " it."),
        Setting(
            "modifier.disk-size-max", .bytes((1 << 20)...(1 << 44)), default: "256GiB",
            help: "The largest disk, as a guest sees it, that is modified."),
    ]

    init(_ values: SettingValues) throws(ConfigurationError) {
        workDirectory = try values.require("modifier.work-directory")
        appliance = values.string("modifier.appliance")
        usesKVM = values.flag("modifier.kvm")
        usesNetwork = values.flag("modifier.network")
        memory = try values.bytes("modifier.memory")
        timeMax = try values.duration("modifier.time-max")
        diskSizeMax = try values.bytes("modifier.disk-size-max")
        guard workDirectory.hasPrefix("/") else {
            throw values.problem("modifier.work-directory", "must be an absolute path")
        }
    }
}
