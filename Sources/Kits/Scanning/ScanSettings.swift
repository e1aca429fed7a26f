// SPDX-License-Identifier: Apache-2.0
internal import ImageScan
public import Pipeline

/// The settings `scanner.*` that say how images are inspected and judged: the scanner's, and those
/// of the command `imprimatur scan`.
public enum ScanSettings {
    public static let all: [Setting] = inspection + policy + [recompute]

    /// The scanner's alone; here because a section of the configuration file is read as a whole.
    public static let recompute = Setting(
        "scanner.recompute", .flag, default: "true",
        help: "Compute all digests from the stored bytes instead of believing the modifier. Those"
            + " of compressed images are computed always.")

    /// Where `ops/dissect` is told to install to by the documentation.
    private static let pythonDefault = "/opt/imprimatur/dissect/bin/python"

    private static let inspection: [Setting] = [
        Setting(
            "scanner.inspector", .choice(["dissect", "libguestfs"]), default: "dissect",
            help: "What reads images: Dissect's modules, fast and memory-safe, or libguestfs."),
        Setting(
            "scanner.python", .path, default: pythonDefault,
            help: "For dissect: the Python interpreter that has its modules, as ops/dissect DIR"
                + " makes it in DIR/bin/python."),
        Setting(
            "scanner.appliance", .path,
            help: "For libguestfs: the directory of an appliance that"
                + " libguestfs-make-fixed-appliance has made."),
        Setting(
            "scanner.kvm", .flag, default: "false",
            help: "For libguestfs: run its virtual machine with KVM instead of emulating one."),
        Setting(
            "scanner.time-max", .duration(.seconds(5) ... .seconds(86_400)), default: "5m",
            help: "How long one inspection may take; keep it below handler.deadline, with time"
                + " left to read the image before."),
        Setting(
            "scanner.memory-max", .bytes((256 << 20)...(1 << 40)), default: "4GiB",
            help: "Address space that one inspection may use."),
        Setting(
            "scanner.disk-size-max", .bytes(1...(1 << 50)), default: "16TiB",
            help: "The largest disk an image may hold, as a guest sees it."),
        Setting(
            "scanner.allow-snapshots", .flag, default: "false",
            help: "Let images pass that hold internal snapshots, whose content nobody looks at."),
        Setting(
            "scanner.clamd-socket", .path,
            help: "Unix socket of a clamd that is shown each file; no malware is looked for"
                + " without it."),
    ]

    private static let policy: [Setting] = [
        Setting(
            "scanner.disabled-checks", .list,
            help: "Checks to leave out, by name; see imprimatur scan --list-checks."),
        Setting(
            "scanner.severities", .list,
            help: "Other severities for checks, as CHECK=SEVERITY: low, medium, high, critical."),
        Setting(
            "scanner.severity-min", .choice(Severity.allCases.map(\.rawValue)), default: "low",
            help: "From which severity on a failed check rejects an image; below it warns."),
        Setting(
            "scanner.never-waived", .list,
            help: "Checks that no request may waive, by name."),
        Setting(
            "scanner.checks-directory", .path,
            help: "Directory of executables that are checks of your own."),
        Setting(
            "scanner.package-age-max", .duration(.seconds(86_400) ... .seconds(86_400 * 3650)),
            default: "90d",
            help: "How long before the request packages may have been installed or updated last."),
        Setting(
            "scanner.advisory-feed", .path,
            help: "File of known security updates, against which installed packages are held."),
        Setting(
            "scanner.releases-file", .path,
            help: "File of systems' releases and their ends of support, in place of the built-in"
                + " table."),
    ]
}
