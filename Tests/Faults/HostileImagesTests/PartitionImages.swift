// SPDX-License-Identifier: Apache-2.0
import ImageFile
import TestSupport

extension HostileImage {
    /// A guest's raw disk with something changed: our probe looks at no sector of such a disk, so
    /// all is left to the inspector.
    static func disk(
        _ name: String, _ attempt: String, _ inspector: Inspector,
        _ layout: GuestDisk.Layout = .whole, _ fileSystem: GuestDisk.FileSystem = .ext4,
        tree: GuestTree = .clean, qemu: QEMU = .opens,
        _ damage: @escaping @Sendable (RawDisk) throws -> Void
    ) -> HostileImage {
        HostileImage(
            name: name, format: "raw", attempt: attempt, probe: .passes, qemu: qemu,
            inspector: inspector
        ) { room, path in
            try await room.guest(layout, fileSystem, tree: tree, at: path, damage)
        }
    }

    private static let gptHeader = 512
    private static let gptEntry = 1024
    private static let mbrEntry = 446

    static let partitions = [
        disk("gpt-entries", "a GPT of 2^32 - 1 entries", .partly, .gpt) {
            try $0.patch(gptHeader + 80, little: UInt32.max)
        },
        disk("gpt-entry-huge", "GPT entries of 2 GiB", .partly, .gpt) {
            try $0.patch(gptHeader + 84, little: UInt32(1) << 31)
        },
        disk("gpt-entry-none", "GPT entries of no bytes", .partly, .gpt) {
            try $0.patch(gptHeader + 84, little: UInt32(0))
        },
        disk("gpt-loop", "a GPT whose entries are its header", .partly, .gpt) {
            try $0.patch(gptHeader + 72, little: UInt64(1))
        },
        disk("gpt-far", "a GPT whose entries lie 8 EiB away", .partly, .gpt) {
            try $0.patch(gptHeader + 72, little: UInt64(1) << 54)
        },
        disk("gpt-beyond", "a partition beyond the end", .partly, .gpt) {
            try $0.patch(gptEntry + 32, little: UInt64(1) << 50)
            try $0.patch(gptEntry + 40, little: UInt64(1) << 51)
        },
        disk("gpt-backwards", "a partition that ends before it begins", .partly, .gpt) {
            try $0.patch(gptEntry + 40, little: UInt64(3))
        },
        disk("gpt-overlap", "128 partitions that are one", .partly, .gpt) { disk in
            let entry = try disk.read(gptEntry, 128)
            for index in 1..<128 { try disk.patch(gptEntry + index * 128, entry) }
        },
        disk("mbr-loop", "an extended partition that follows itself", .partly, .mbrLogical) {
            // The second entry of the first logical partition's sector: the next one.
            try $0.patch(
                (1 << 20) + mbrEntry + 16, [0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0])
        },
        disk("mbr-beyond", "an MBR partition beyond the end", .partly, .mbr) {
            try $0.patch(mbrEntry + 8, little: UInt32.max)
            try $0.patch(mbrEntry + 12, little: UInt32.max)
        },
        disk("mbr-overlap", "four MBR partitions that are one", .partly, .mbr) { disk in
            let entry = try disk.read(mbrEntry, 16)
            for index in 1..<4 { try disk.patch(mbrEntry + index * 16, entry) }
        },
        HostileImage(
            name: "random", format: "raw", attempt: "a disk of nothing but noise", probe: .passes,
            qemu: .opens, inspector: .partly
        ) { room, path in
            var state: UInt32 = 1
            let noise = (0..<(1 << 20)).map { _ -> UInt8 in
                state = state &* 1_664_525 &+ 1_013_904_223
                return UInt8(truncatingIfNeeded: state >> 24)
            }
            try room.write(noise, to: path)
        },
    ]

    /// The group's description lies in the first MiB of the first partition, as text.
    private static func group(
        _ name: String, _ attempt: String, _ old: String, _ new: String,
        _ inspector: Inspector = .partly
    ) -> HostileImage {
        disk("lvm-\(name)", attempt, inspector, .lvm) {
            try $0.replace(old, with: new, bytes: 2 << 20)
        }
    }

    private static let volumeHeader = 1 << 20

    static let logicalVolumes = [
        group("extent-none", "extents of no bytes", "extent_size = 8192", "extent_size = 0000"),
        group(
            "extent-huge", "extents of 5 EiB", "extent_size = 8192", "extent_size = 9E18", .refuses),
        group(
            "segments", "a volume of 9 segments, of which 8 are not there", "segment_count = 1",
            "segment_count = 9", .facts),
        group(
            "stripes", "a segment of 9 stripes, of which 8 are not there", "stripe_count = 1",
            "stripe_count = 9"),
        group("start", "a segment that begins beyond the end", "\"pv0\", 0", "\"pv0\", 9"),
        group("device", "a segment on a volume that is not there", "\"pv0\", 0", "\"pv7\", 0"),
        group(
            "mirror", "a segment of a kind that is not read", "type = \"striped\"",
            "type = \"mirror_\""),
        group("open", "a description whose brackets never close", "segment1 {", "segment1 ["),
        disk("lvm-nesting", "a description of a hundred thousand nested sections", .partly, .lvm) {
            try $0.patch(
                volumeHeader + 4096 + 512,
                Array(
                    repeatElement(
                        Array("a {\n".utf8),
                        count: 200_000
                    ).joined().prefix(800_000)))
            try $0.patch(volumeHeader + 4096 + 48, little: UInt64(800_000))
        },
        disk("lvm-text-huge", "a description of 2^63 bytes", .partly, .lvm) {
            try $0.patch(volumeHeader + 4096 + 48, little: UInt64(1) << 63)
        },
        disk("lvm-area-huge", "a metadata area of 2^63 bytes", .facts, .lvm) {
            try $0.patch(volumeHeader + 4096 + 32, little: UInt64(1) << 63)
        },
    ]
}
