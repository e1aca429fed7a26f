// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials

extension Check {
    static let swap = Check(
        "swap", .medium, "The image brings swap space",
        documentation: Documentation(
            finds: """
                Swap partitions and logical volumes, swap in /etc/fstab or a unit of systemd, and \
                swap files in their usual places. Compressed memory (zram) passes.
                """,
            matters: """
                Swapping guests slow down the host and its network storage for everybody, and \
                write memory, secrets with it, to disk.
                """,
            mend: """
                Remove the swap partition or file and its line in /etc/fstab. A site that wants \
                swap adds a disk for it.
                """,
            waive: "When the software needs it, as some databases and batch systems do."),
        needs: Swap.needs, judgesGuest: false
    ) { guest, _ in
        CheckResult(Swap.findings(guest))
    }
}

private enum Swap {
    private static let files = ["/swapfile", "/swap.img", "/swap", "/var/swap", "/swap/swapfile"]
    private static let units = ["/etc/systemd/system/*.swap", "/usr/lib/systemd/system/*.swap"]
    /// mkswap's signature ends the first page, for pages of 4 KiB.
    private static let signature = Array("SWAPSPACE2".utf8)
    private static let pageBytes = 4_096
    static let needs =
        [InspectionQuery.Pattern("/etc/fstab", contentBytesMax: 64 << 10)]
        + files.map { InspectionQuery.Pattern($0, contentBytesMax: pageBytes) }
        + units.map { InspectionQuery.Pattern($0) }

    static func findings(_ guest: Guest) -> [Finding] {
        var findings = guest.facts.volumes.filter { $0.content == "swap" }.map {
            Finding("\($0.name) is swap space of \($0.size >> 20) MiB")
        }
        for line in guest.text("/etc/fstab", &findings)?.lines ?? [] {
            let fields = line.statement?.split(whereSeparator: \.isWhitespace) ?? []
            guard fields.count > 2, fields[2] == "swap", !fields[0].hasPrefix("/dev/zram") else {
                continue
            }
            findings.append(
                Finding("line \(line.number) swaps on \(fields[0])", path: "/etc/fstab"))
        }
        let units = guest.entries(units.map { InspectionQuery.Pattern($0) })
        for unit in units where unit.target != "/dev/null" {
            findings.append(Finding("is a unit that swaps", path: unit.path))
        }
        return findings
            + files.filter { isSwapFile(guest.entry($0)) }.map {
                Finding("is a swap file", path: $0)
            }
    }

    private static func isSwapFile(_ entry: GuestFacts.Entry?) -> Bool {
        guard let entry, entry.kind == .file,
            let content = entry.content.flatMap({ Data(base64Encoded: $0) }),
            content.count >= pageBytes
        else { return false }
        return content.prefix(pageBytes).suffix(signature.count).elementsEqual(signature)
    }
}
