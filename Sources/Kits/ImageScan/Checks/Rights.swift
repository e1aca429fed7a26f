// SPDX-License-Identifier: Apache-2.0

extension Check {
    static let worldWritable = Check(
        "world-writable", .high, "Everybody may write to a part of the system",
        documentation: Documentation(
            finds: """
                Files that everybody may write to, and folders without the sticky bit that \
                everybody may write to, outside of /home and of what is made anew at each start \
                (/dev, /proc, /run, /sys). What lies inside /tmp and /var/tmp is left alone, but \
                they themselves need the sticky bit.
                """,
            matters: "Any program, with whatever little rights, replaces what root runs or reads.",
            mend: "`chmod o-w PATH`, or `chmod +t FOLDER` where everybody has to write.",
            waive: "When the software cannot do without; name it in the reason.")
    ) { guest, _ in
        let folders = ["/home", "/dev", "/proc", "/run", "/sys", "/var/run", "/var/lock"]
        let shared = ["/tmp", "/var/tmp"]
        let findings = guest.facts.entries.compactMap { entry -> Finding? in
            guard entry.mode & 0o002 != 0, !folders.contains(where: { entry.isInside($0) }),
                !shared.contains(where: { entry.isInside($0) && entry.path != $0 })
            else { return nil }
            let mode = "0" + String(entry.mode, radix: 8)
            switch entry.kind {
            case .file: return Finding("everybody may write to it (\(mode))", path: entry.path)
            case .directory where entry.mode & 0o1000 == 0:
                return Finding(
                    "everybody may remove and add files in it (\(mode))", path: entry.path)
            // Links have no rights of their own; devices and sockets are guarded otherwise.
            case .directory, .link, .other: return nil
            }
        }
        return CheckResult(findings)
    }

    static let setuid = Check(
        "setuid", .medium, "A file with another's rights belongs to no package",
        documentation: Documentation(
            finds: """
                Files with the setuid or setgid bit that no package of the guest's database \
                installed. Without a database (CirrOS, appliances) the check does not apply.
                """,
            matters: """
                Whoever runs such a file has its owner's rights, mostly root's. One that no \
                package brought gets no updates, and may be a back door.
                """,
            mend: "Remove the file, or `chmod u-s,g-s FILE`, or install it from a package.",
            waive: "When the software is known and no package of it exists.")
    ) { guest, _ in
        guard guest.facts.packages != nil else {
            return .notApplicable(reason: "there is no package database")
        }
        let strangers = guest.facts.entries.filter {
            $0.kind == .file && $0.mode & 0o6000 != 0 && $0.package == nil
        }
        return CheckResult(
            strangers.map { entry in
                let bits = entry.mode & 0o4000 != 0 ? "setuid" : "setgid"
                return Finding(
                    "is \(bits) for \(entry.mode & 0o4000 != 0 ? "user \(entry.uid)" : "group \(entry.gid)")"
                        + " and of no package", path: entry.path)
            })
    }
}

extension GuestFacts.Entry {
    fileprivate func isInside(_ folder: String) -> Bool { GuestPath.isInside(path, folder) }
}
