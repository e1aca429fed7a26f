// SPDX-License-Identifier: Apache-2.0
import ImageFile
import TestSupport

extension HostileImage {
    private static func xfs(
        _ name: String, _ attempt: String, _ inspector: Inspector = .partly,
        _ damage: @escaping @Sendable (RawDisk) throws -> Void
    ) -> HostileImage {
        disk("xfs-\(name)", attempt, inspector, .whole, .xfs, damage)
    }

    /// Places of the superblock's fields as in Linux' xfs_format.h; numbers are big-endian.
    static let xfs = [
        xfs("block-none", "blocks of no bytes") { try $0.patch(4, big: UInt32(0)) },
        xfs("block-huge", "blocks of 2 GiB") { try $0.patch(4, big: UInt32(1) << 31) },
        xfs("groups", "2^32 - 1 groups", .facts) { try $0.patch(88, big: UInt32.max) },
        xfs("group-none", "groups of no blocks") { try $0.patch(84, big: UInt32(0)) },
        xfs("root", "a root that is nowhere") { try $0.patch(56, big: UInt64.max) },
        xfs("inode", "inodes of no bytes") { try $0.patch(104, [0, 0, 0, 0]) },
        xfs("logs", "impossible logarithms of all sizes") {
            try $0.patch(120, [63, 63, 63, 63, 63])
        },
        xfs("cut", "cut after 64 KiB") { try $0.cut(to: 65_536) },
        xfs("flips", "200 wrong bytes in its first tables", .any) {
            try $0.flip(200, in: 0..<(256 << 10), seed: 3)
        },
        xfs("more-flips", "2,000 wrong bytes in its first tables", .any) {
            try $0.flip(2_000, in: 512..<(256 << 10), seed: 4)
        },
    ]

    private static func btrfs(
        _ name: String, _ attempt: String, _ inspector: Inspector = .partly,
        _ damage: @escaping @Sendable (RawDisk) throws -> Void
    ) -> HostileImage {
        disk("btrfs-\(name)", attempt, inspector, .whole, .btrfs, damage)
    }

    /// Where the superblock lies; places in it as in Linux' btrfs_tree.h, little-endian.
    private static let superblock = 65_536

    /// The places of a tree's node, by its logical address: it may be there twice.
    private static func nodes(_ disk: RawDisk, _ field: Int) throws -> [(
        place: Int, address: UInt64
    )] {
        let address = try disk.read(superblock + field, 8).little64(0)
        let places = try stride(from: 0, to: disk.size - 16_384, by: 16_384).filter { place in
            let header = try disk.read(place, 64)
            return place != superblock && header.count == 64 && header.little64(48) == address
        }
        guard !places.isEmpty else { throw NeverHappened(description: "no node at \(address)") }
        return places.map { ($0, address) }
    }

    /// Makes a node its own child.
    private static func loop(_ disk: RawDisk, _ field: Int) throws {
        for (place, address) in try nodes(disk, field) {
            // One item, one level up; the key stays, then come address and generation.
            try disk.patch(place + 96, little: UInt32(1))
            try disk.patch(place + 100, [1])
            try disk.patch(place + 101 + 17, little: address)
        }
    }

    static let btrfs = [
        btrfs("node-none", "nodes of no bytes") {
            try $0.patch(superblock + 0x94, little: UInt32(0))
        },
        btrfs("node-huge", "nodes of 2 GiB", .facts) {
            try $0.patch(superblock + 0x94, little: UInt32(1) << 31)
        },
        btrfs("sector-none", "sectors of no bytes", .facts) {
            try $0.patch(superblock + 0x90, little: UInt32(0))
        },
        btrfs("chunks-long", "a list of chunks of 4 GiB in the superblock") {
            try $0.patch(superblock + 0xA0, little: UInt32.max)
        },
        btrfs("chunk-tree", "a tree of chunks that is the superblock", .any) {
            try $0.patch(superblock + 0x58, little: UInt64(superblock))
        },
        btrfs("root-tree", "a tree of roots that is nowhere") {
            try $0.patch(superblock + 0x50, little: UInt64(1) << 60)
        },
        // Dissect follows these without end: either the time or the processor time is up first.
        btrfs("root-loop", "a tree of roots that is its own child", .any) { try loop($0, 0x50) },
        btrfs("chunk-loop", "a tree of chunks that is its own child", .any) { try loop($0, 0x58) },
        btrfs("items", "a node of 2^32 - 1 items") { disk in
            for (place, _) in try nodes(disk, 0x50) {
                try disk.patch(place + 96, little: UInt32.max)
            }
        },
        btrfs("devices", "one device of 2^63") {
            try $0.patch(superblock + 0x88, little: UInt64(1) << 63)
        },
        btrfs("log", "a log to be replayed") {
            try $0.patch(superblock + 0x60, little: UInt64(30_408_704))
        },
        btrfs("cut", "cut after 1 MiB") { try $0.cut(to: 1 << 20) },
        btrfs("flips", "200 wrong bytes in its trees", .any) { disk in
            for (place, _) in try nodes(disk, 0x50) {
                try disk.flip(200, in: place..<place + 16_384, seed: 5)
            }
        },
        btrfs("superblock-flips", "60 wrong bytes in its superblock", .any) {
            try $0.flip(60, in: superblock + 72..<superblock + 4096, seed: 6)
        },
    ]
}
