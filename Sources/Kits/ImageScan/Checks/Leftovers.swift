// SPDX-License-Identifier: Apache-2.0
import Events

extension Check {
    static let cloudInitState = Check(
        "cloud-init-state", .medium, "The image was started: cloud-init remembers it",
        documentation: Documentation(
            finds: """
                Instances in /var/lib/cloud, cloud-init's record of the last one, and its logs in \
                /var/log. Seeds in /var/lib/cloud/seed, which are put there on purpose, pass.
                """,
            matters: """
                User data of the machine on which the image was made may hold passwords and keys. \
                And a guest may take itself for that machine and skip its first start.
                """,
            mend: "`cloud-init clean --logs` as the last step of building.",
            waive: "Hardly ever."),
        needs: Leftovers.cloudInit
    ) { guest, _ in
        let left = guest.entries(Leftovers.cloudInit).filter { entry in
            entry.kind != .file || entry.size > 0
        }
        return CheckResult(left.map { Finding("is left from a start of the image", path: $0.path) })
    }

    static let shellHistory = Check(
        "shell-history", .medium, "What was typed is left in the image",
        documentation: Documentation(
            finds: """
                Non-empty history files of shells and database clients in any folder: .*_history, \
                .history, fish_history.
                """,
            matters: "People type passwords, tokens and names of internal machines.",
            mend: """
                Remove the files as the last step of building: `virt-sysprep --operations \
                bash-history`, or `remove: {path: /root/.bash_history}`.
                """,
            waive: "Never; removing them harms nobody."),
        needs: Leftovers.histories
    ) { guest, _ in
        let left = guest.entries(Leftovers.histories).filter { $0.kind == .file && $0.size > 0 }
        return CheckResult(left.map { Finding("is not empty", path: $0.path) })
    }

    static let machineID = Check(
        "machine-id", .medium, "All guests of the image would have the same machine id",
        documentation: Documentation(
            finds: """
                A machine id in /etc/machine-id or /var/lib/dbus/machine-id. No file, an empty \
                one, `uninitialized`, and a link from the second to the first pass.
                """,
            matters: """
                DHCP leases, IPv6 addresses and logs are told apart by it: guests with the same \
                one take each other's addresses.
                """,
            mend: """
                `truncate -s 0 /etc/machine-id; rm -f /var/lib/dbus/machine-id`, or \
                `virt-sysprep --operations machine-id`.
                """,
            waive: "When only one guest of the image ever runs in a network."),
        needs: Leftovers.machineIDs
    ) { guest, _ in
        var findings: [Finding] = []
        for pattern in Leftovers.machineIDs {
            guard let entry = guest.entry(pattern.glob), !Leftovers.isLinked(entry),
                let text = guest.text(entry, &findings)
            else { continue }
            let words = text.lines.map(\.text.trimmed).filter { !$0.isEmpty }
            if words != [] && words != ["uninitialized"] {
                findings.append(Finding("has a machine id", path: entry.path))
            }
        }
        return CheckResult(findings)
    }
}

private enum Leftovers {
    static let cloudInit = [
        "/var/lib/cloud/instances/*", "/var/lib/cloud/instance", "/var/lib/cloud/data/*",
        "/var/log/cloud-init.log", "/var/log/cloud-init-output.log",
    ].map { InspectionQuery.Pattern($0) }
    static let histories = [
        "/**/.*_history", "/**/.history", "/**/.local/share/fish/fish_history",
    ].map { InspectionQuery.Pattern($0) }
    static let machineIDs = ["/etc/machine-id", "/var/lib/dbus/machine-id"].map {
        InspectionQuery.Pattern($0, contentBytesMax: 1_024)
    }

    /// Whether the entry is D-Bus's link to the other file, which is judged itself.
    static func isLinked(_ entry: GuestFacts.Entry) -> Bool {
        entry.kind == .link
            && entry.target.map { GuestPath.target($0, of: entry.path) } == "/etc/machine-id"
    }
}
