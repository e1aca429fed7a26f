// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport

extension GuestTree {
    /// What an inspector has to report of the tree, by path.
    var expectedEntries: [String: GuestFacts.Entry] {
        var found = [
            "/": GuestFacts.Entry(
                path: "/", kind: .directory, mode: 0o755, modified: GuestImage.time)
        ]
        for (path, entry) in entries {
            var folder = ""
            for part in path.split(separator: "/").dropLast() {
                folder += "/" + part
                guard entries[folder] == nil else { continue }
                found[folder] = GuestFacts.Entry(
                    path: folder, kind: .directory, mode: 0o755, modified: GuestImage.time)
            }
            found[path] = Self.expected(path, entry)
        }
        return found
    }

    private static func expected(_ path: String, _ entry: Entry) -> GuestFacts.Entry {
        let kind: GuestFacts.Entry.Kind =
            switch entry.kind {
            case .link: .link
            case .directory: .directory
            case .file, .appendix, .absent: .file
            }
        let isFile = kind == .file
        return GuestFacts.Entry(
            path: path, kind: kind, mode: entry.mode, uid: entry.uid, gid: entry.gid,
            size: isFile ? entry.content.count : 0, modified: entry.modified,
            target: entry.target,
            content: isFile ? entry.content.base64EncodedString() : nil,
            isTruncated: isFile ? false : nil,
            package: isFile && entry.mode & 0o6000 != 0 ? owners[path] : nil)
    }

    private static let owners = [
        "/usr/bin/chage": "passwd", "/usr/bin/mount": "mount", "/usr/bin/passwd": "passwd",
        "/usr/bin/su": "util-linux",
    ]
}

extension GuestFacts {
    /// What was found in the root's file system, by path, without what only the file system's
    /// making put there, without the other one that may be mounted at /boot/efi, and without
    /// sizes that each file system sees its own way.
    func comparableEntries() -> [String: Entry] {
        var found: [String: Entry] = [:]
        for var entry in entries
        where entry.path != "/lost+found" && !entry.path.hasPrefix("/boot/efi") {
            if entry.kind != .file { entry.size = 0 }
            // mkfs.btrfs gives it a time of its own.
            if entry.path == "/" { entry.modified = GuestImage.time }
            found[entry.path] = entry
        }
        return found
    }
}
