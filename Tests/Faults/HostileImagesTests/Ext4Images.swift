// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageFile
import TestSupport

extension HostileImage {
    /// Where the superblock lies.
    private static let block = 1024

    private static func superblock(
        _ name: String, _ attempt: String, _ offset: Int, _ value: UInt32,
        _ inspector: Inspector = .partly
    ) -> HostileImage {
        disk("ext4-\(name)", attempt, inspector) { try $0.patch(block + offset, little: value) }
    }

    static let ext4 = [
        superblock("no-inodes", "groups of no inodes", 40, 0),
        superblock("no-blocks", "groups of no blocks", 32, 0),
        superblock("block-huge", "blocks of 2^41 bytes", 24, 31),
        superblock("block-size", "blocks of 2 GiB", 24, 21),
        superblock("inode-tiny", "inodes of no bytes", 88, 0),
        superblock("inode-count", "2^32 - 1 inodes", 0, .max, .facts),
        superblock("blocks-count", "2^64 - 1 blocks", 4, .max, .facts),
        superblock("descriptors", "group descriptors of 65,535 bytes", 254, 0xFFFF_FFFF),
        superblock("features", "features that nobody knows", 96, .max),
        disk("ext4-cut", "cut after 100,000 bytes", .partly) { try $0.cut(to: 102_400) },
        disk("ext4-flips", "200 wrong bytes in its first tables", .facts) {
            try $0.flip(200, in: 1024..<200_000, seed: 1)
        },
        disk("ext4-more-flips", "2,000 wrong bytes in its first tables", .any) {
            try $0.flip(2_000, in: 1024..<200_000, seed: 2)
        },
    ]

    /// One that debugfs changes: it writes what no kernel would.
    private static func debugfs(
        _ name: String, _ attempt: String, _ inspector: Inspector, tree: GuestTree = .clean,
        _ commands: @escaping @Sendable (RawDisk) throws -> [String]
    ) -> HostileImage {
        HostileImage(
            name: "ext4-\(name)", format: "raw", attempt: attempt, probe: .passes, qemu: .opens,
            inspector: inspector
        ) { room, path in
            try await room.guest(.whole, tree: tree, at: path)
            let script = try DiskImages().folder
            let file = try script.write(
                try commands(try RawDisk(path)).joined(separator: "\n") + "\n", to: "script")
            let (status, output) = try await run("debugfs", ["-w", "-f", file, path])
            guard status == 0 else { throw NeverHappened(description: output) }
        }
    }

    /// An extent tree of one node that is its own child.
    @Sendable private static func extentLoop(_ disk: RawDisk) throws -> [String] {
        let size = 1024 << Int(try disk.read(block + 24, 4).little32(0))
        let last = UInt32(disk.size / size - 2)
        let node = [UInt8]().patched(0, little: UInt32(0x0001_F30A))
            .patched(4, little: UInt32(0x0001_0004)).patched(8, little: UInt32(0))
            .patched(12, little: UInt32(0)).patched(16, little: last)
            .patched(20, little: UInt32(0))
        try disk.patch(Int(last) * size, node)
        return ["sif /etc/passwd size 1000000"]
            + (0..<6).map { "sif /etc/passwd block[\($0)] \(node.little32($0 * 4))" }
    }

    private static let manyNames: GuestTree = {
        var tree = GuestTree.clean
        for number in 0..<5_000 { tree.file("/etc/many/\(number)") }
        return tree
    }()

    private static let oddNames: GuestTree = {
        var tree = GuestTree.clean
        let names = [
            "new\nline", "escape\u{1b}[31m\u{1b}]0;title\u{7}", "right\u{202e}left",
            "quote\"'`$(id)",
            "-rf", "*", "[", "\\", " ", "\u{1F600}", "XXup", "back\rspace\u{8}", "a=b;c&d|e",
            String(repeating: "n", count: 255),
        ]
        for name in names { tree.file("/etc/\(name)", "root:x:0:0\n", mode: 0o4777) }
        return tree
    }()

    private static let links: GuestTree = {
        var tree = GuestTree.clean
        tree.remove("/etc/passwd")
        tree.link("/etc/passwd", to: "passwd")
        tree.remove("/etc/os-release")
        tree.link("/etc/os-release", to: "/etc/a/b/c")
        tree.link("/etc/a", to: "b")
        tree.link("/etc/b", to: "a")
        tree.link("/etc/up", to: String(repeating: "../", count: 200) + "etc/hostname")
        tree.link("/etc/host", to: "/proc/self/root/etc/passwd")
        return tree
    }()

    private static let deep: GuestTree = {
        var tree = GuestTree.clean
        tree.file("/etc" + String(repeating: "/d", count: 600) + "/end", "deep")
        return tree
    }()

    static let ext4Trees = [
        debugfs("folder-loop", "folders that hold themselves", .partly) { _ in
            ["ln /etc /etc/loop", "ln / /etc/ssh/top", "ln /home /home/debian/home"]
        },
        debugfs("extent-loop", "a file whose extents lead in a circle", .partly) { disk in
            try extentLoop(disk)
        },
        debugfs("size-huge", "a password file of 8 EiB", .facts) { _ in
            ["sif /etc/passwd size 0x7fffffffffffffff", "sif /etc/shadow size 0x7fffffffffff"]
        },
        debugfs("root-file", "a root that is a file", .partly) { _ in ["sif <2> mode 0100644"] },
        debugfs("root-link", "a root that is a link", .partly) { _ in ["sif <2> mode 0120777"] },
        debugfs("root-gone", "a root without content", .partly) { _ in
            ["sif <2> size 0", "sif <2> block[0] 0"]
        },
        debugfs("folder-huge", "a folder of 2^40 bytes", .partly) { _ in
            ["sif /etc size 0x10000000000"]
        },
        disk("ext4-links", "links that lead in circles and out", .facts, tree: links) { _ in },
        disk("ext4-deep", "600 folders in each other", .partly, tree: deep) { _ in },
        disk("ext4-many", "5,000 files in a folder", .partly, tree: manyNames) { _ in },
        disk(
            "ext4-names", "names with line breaks, escape codes and the like", .facts,
            tree: oddNames
        ) { _ in },
        disk("ext4-name-up", "a folder's entry named ../up", .partly, tree: oddNames) {
            try $0.replace("XXup", with: "../u")
        },
        HostileImage(
            name: "ext4-sparse", format: "raw", attempt: "a password file of 1 GB of nothing",
            probe: .passes, qemu: .opens, inspector: .facts
        ) { _, path in
            let folder = try TemporaryDirectory()
            for (name, size) in [("etc/passwd", 1 << 30), ("etc/shadow", 1 << 30)] {
                let file = try folder.write("root::0:0:root:/root:/bin/sh\n", to: name)
                try RawDisk(file).cut(to: size)
            }
            try folder.write("ID=debian\n", to: "etc/os-release")
            let (status, output) = try await run(
                "mke2fs", ["-q", "-t", "ext4", "-d", folder.path, "-F", path, "16M"])
            guard status == 0 else { throw NeverHappened(description: output) }
        },
    ]
}
