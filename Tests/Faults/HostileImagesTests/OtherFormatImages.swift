// SPDX-License-Identifier: Apache-2.0
import ImageFile
import TestSupport

extension HostileImage {
    private static func converted(
        _ format: String, _ name: String, _ attempt: String, _ probe: Probe, _ qemu: QEMU,
        _ inspector: Inspector = .refuses, options: [String] = [],
        _ damage: @escaping @Sendable ([UInt8]) throws -> [UInt8]
    ) -> HostileImage {
        HostileImage(
            name: "\(format)-\(name)", format: format, attempt: attempt, probe: probe, qemu: qemu,
            inspector: inspector
        ) { room, path in
            try await room.damaged(format, options: options, at: path, damage)
        }
    }

    static let virtualBox = [
        converted(
            "vdi", "parent", "the identifier of a parent", .refuses(.backingFile), .refuses, .partly
        ) {
            $0.patched(440, [1])
        },
        converted("vdi", "difference", "a differencing disk", .refuses(.backingFile), .opens) {
            $0.patched(76, little: UInt32(4))
        },
        converted("vdi", "table-bomb", "a table of 2^32 - 1 blocks", .refuses(.tableSize), .refuses)
        { $0.patched(384, little: UInt32.max) },
        converted(
            "vdi", "exbibyte", "1 EiB", .refuses(.malformed, then: [.virtualSize]), .refuses,
            .partly
        ) { $0.patched(368, little: UInt64(1) << 60) },
        converted(
            "vdi", "block-beyond", "a block beyond the end", .refuses(.truncated), .opens, .partly
        ) {
            $0.patched(Int($0.little32(340)), little: UInt32(1) << 30)
        },
        converted("vdi", "block-huge", "blocks of 2 GiB", .refuses(.truncated), .refuses) {
            $0.patched(376, little: UInt32(1) << 31)
        },
        converted("vdi", "version", "version 9", .refuses(.unsupported), .refuses, .partly) {
            $0.patched(68, little: UInt32(9) << 16)
        },
        converted("vdi", "cut", "cut in the middle", .refuses(.truncated), .opens, .partly) {
            Array($0[..<($0.count / 2)])
        },
    ]

    /// A VHD's footer, or its header, with its checksum made right again.
    private static func summed(_ bytes: [UInt8], _ place: Int, _ length: Int, sum: Int) -> [UInt8] {
        let part = Array(bytes[place..<place + length]).patched(sum, big: UInt32(0))
        let total = part.reduce(UInt32(0)) { $0 &+ UInt32($1) }
        return bytes.patched(place, part.patched(sum, big: ~total))
    }

    private static func vhd(_ bytes: [UInt8], kind: UInt32) -> [UInt8] {
        let foot = bytes.count - 512
        let patched = bytes.patched(60, big: kind).patched(foot + 60, big: kind)
        return summed(summed(patched, 0, 512, sum: 64), foot, 512, sum: 64)
    }

    private static func vhd(_ bytes: [UInt8], header offset: Int, _ value: UInt32) -> [UInt8] {
        summed(bytes.patched(512 + offset, big: value), 512, 1024, sum: 36)
    }

    static let hyperV = [
        converted("vpc", "difference", "a differencing VHD", .refuses(.backingFile), .opens) {
            vhd($0, kind: 4)
        },
        converted(
            "vpc", "kind", "a kind of VHD that nobody knows", .refuses(.unsupported), .opens
        ) { vhd($0, kind: 9) },
        converted("vpc", "checksum", "a wrong checksum", .refuses(.malformed), .opens) {
            $0.patched($0.count - 512 + 20, [1])
        },
        converted(
            "vpc", "table-bomb", "a table of 2^32 - 1 blocks", .refuses(.tableSize), .refuses,
            .partly
        ) { vhd($0, header: 28, .max) },
        converted("vpc", "block-odd", "blocks of 3 bytes", .refuses(.malformed), .refuses) {
            vhd($0, header: 32, 3)
        },
        converted("vpc", "cut", "its footer cut off", .refuses(.truncated), .opensWithOtherSize) {
            Array($0[..<($0.count - 600)])
        },
        converted("vhdx", "parent", "a VHDX with a parent", .refuses(.backingFile), .refuses) {
            bytes in
            let item: [UInt8] = [0x37, 0x67, 0xA1, 0xCA, 0x36, 0xFA, 0x43, 0x4D]
            guard let entry = bytes.places(of: item).first,
                let region = bytes.places(of: Array("metadata".utf8)).first
            else { throw NeverHappened(description: "no metadata") }
            return bytes.patched(region + Int(bytes.little32(entry + 16)) + 4, [2])
        },
        converted("vhdx", "log", "a log to be replayed", .refuses(.unclean), .refuses, .partly) {
            $0.patched(65_536 + 48, [1]).patched(131_072 + 48, [1])
        },
        converted("vhdx", "no-regions", "no region table", .refuses(.malformed), .refuses) {
            $0.patched(192 << 10, [0]).patched(256 << 10, [0])
        },
        converted(
            "vhdx", "region-beyond", "metadata beyond the end", .refuses(.truncated), .refuses
        ) { bytes in
            let region: [UInt8] = [0x06, 0xA2, 0x7C, 0x8B]
            return bytes.places(of: region).reduce(bytes) {
                $0.patched($1 + 16, little: UInt64(1) << 50)
            }
        },
        converted("vhdx", "cut", "cut after 100,000 bytes", .refuses(.malformed), .refuses) {
            Array($0[..<100_000])
        },
    ]

    private static let iso = [1] + Array("CD001".utf8) + [1]

    /// Bytes as they are.
    private static func bytes(
        _ name: String, format: String = "raw", _ attempt: String, _ probe: Probe,
        _ qemu: QEMU = .opens, _ inspector: Inspector = .refuses,
        _ content: @escaping @Sendable () -> [UInt8]
    ) -> HostileImage {
        HostileImage(
            name: name, format: format, attempt: attempt, probe: probe, qemu: qemu,
            inspector: inspector
        ) { room, path in try room.write(content(), to: path) }
    }

    /// Two formats at once, and formats that no disk has.
    static let twoFormats = [
        converted("qcow2", "and-vpc", "a qcow2 and a VHD", .refuses(.ambiguous), .opens, .partly) {
            $0 + Array("conectix".utf8).patched(511, [0])
        },
        converted("qcow2", "and-dmg", "a qcow2 and a DMG", .refuses(.ambiguous), .opens, .partly) {
            $0 + Array("koly".utf8).patched(511, [0])
        },
        converted("qcow2", "and-iso", "a qcow2 and a CD", .refuses(.ambiguous), .opens, .partly) {
            $0.patched(32_768, iso)
        },
        bytes(
            "vdi-and-iso", format: "vdi", "a VDI and a CD",
            .refuses(.ambiguous, then: [.unsupported, .virtualSize]), .refuses
        ) {
            [UInt8](repeating: 0, count: 65_536).patched(32_768, iso)
                .patched(64, little: UInt32(0xBEDA_107F))
        },
        bytes("iso-long", "a CD longer than its file", .refuses(.truncated), .opens, .partly) {
            [UInt8](repeating: 0, count: 65_536).patched(32_768, iso)
                .patched(32_848, little: UInt32(9_000)).patched(32_852, big: UInt32(9_000))
                .patched(32_896, [0, 8])
        },
        bytes("iso-orders", "a CD of two sizes", .refuses(.malformed), .opens, .partly) {
            [UInt8](repeating: 0, count: 65_536).patched(32_768, iso)
                .patched(32_848, little: UInt32(9)).patched(32_852, big: UInt32(9_000))
        },
        bytes("gzip", "a compressed file as a raw disk", .refuses(.unsupported), .opens, .partly) {
            [0x1F, 0x8B, 8].patched(65_535, [0])
        },
        bytes("luks", "an encrypted raw disk", .refuses(.unsupported), .opens, .partly) {
            (Array("LUKS".utf8) + [0xBA, 0xBE]).patched(65_535, [0])
        },
        bytes("qed", "a QED image as a raw disk", .refuses(.unsupported), .opens, .partly) {
            [0x51, 0x45, 0x44, 0].patched(65_535, [0])
        },
        bytes("empty", "an empty file", .refuses(.virtualSize), .opens, .partly) { [] },
        bytes("one-byte", "one byte", .passes, .opensWithOtherSize, .partly) { [65] },
        HostileImage(
            name: "tar-outside", format: "raw", attempt: "an appliance whose member leads out",
            probe: .refuses(.externalData), qemu: .opens, inspector: .partly
        ) { room, path in
            let images = try DiskImages()
            try images.folder.write("x", to: "a")
            try await run(
                "tar",
                [
                    "--format=ustar", "-cf", path, "-C", images.folder.path,
                    "--transform=s,a,../../a,", "-P", "a",
                ])
        },
        HostileImage(
            name: "tar-link", format: "raw", attempt: "an appliance with a link to a host's file",
            probe: .refuses(.externalData), qemu: .opens, inspector: .partly
        ) { room, path in
            try await run(
                "sh",
                [
                    "-c",
                    "cd \"$(mktemp -d)\" && ln -s \"$1\" l && tar --format=ustar -cf \"$2\" l"
                        + " && rm l && rmdir \"$PWD\"",
                    "sh", room.secret, path,
                ])
        },
    ]
}
