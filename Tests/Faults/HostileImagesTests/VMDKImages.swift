// SPDX-License-Identifier: Apache-2.0
import ImageFile
import TestSupport

extension HostileImage {
    /// A file that is a VMDK descriptor, which names others.
    private static func descriptor(
        _ name: String, _ attempt: String, format: String = "vmdk", kind: String = "monolithicFlat",
        qemu: QEMU, inspector: Inspector = .refuses, prefix: String = "# Disk DescriptorFile\n",
        _ extent: @escaping @Sendable (HostileRoom) -> String
    ) -> HostileImage {
        HostileImage(
            name: "vmdk-\(name)", format: format, attempt: attempt, probe: .refuses(.externalData),
            qemu: qemu, inspector: inspector, namesHost: true
        ) { room, path in
            let text =
                "\(prefix)version=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"\(kind)\"\n"
                + "\(extent(room))\nddb.adapterType = \"ide\"\n"
            // Padded, so that it can pass for a disk.
            try room.write(Array(text.utf8).patched(65_535, [0]), to: path)
        }
    }

    /// A sparse VMDK with its own descriptor changed.
    private static func embedded(
        _ name: String, _ attempt: String, _ probe: Probe, _ qemu: QEMU,
        _ inspector: Inspector = .refuses, _ change: @escaping @Sendable (String) -> String
    ) -> HostileImage {
        HostileImage(
            name: "vmdk-\(name)", format: "vmdk", attempt: attempt, probe: probe, qemu: qemu,
            inspector: inspector, namesHost: true
        ) { room, path in
            try await room.damaged("vmdk", at: path) { bytes in
                let text = String(decoding: bytes[512..<10_752].prefix { $0 != 0 }, as: UTF8.self)
                let new = Array(change(text).utf8)
                return bytes.patched(
                    512, new + [UInt8](repeating: 0, count: max(0, 10_240 - new.count)))
            }
        }
    }

    private static func sparse(
        _ name: String, _ attempt: String, _ probe: Probe, _ qemu: QEMU,
        _ inspector: Inspector = .refuses, options: [String] = [],
        _ damage: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> HostileImage {
        HostileImage(
            name: "vmdk-\(name)", format: "vmdk", attempt: attempt, probe: probe, qemu: qemu,
            inspector: inspector
        ) { room, path in
            try await room.damaged("vmdk", options: options, at: path, damage)
        }
    }

    static let vmdk = [
        descriptor("flat-absolute", "a descriptor of a file of the host", qemu: .refuses) {
            "RW 2048 FLAT \"\($0.secret)\" 0"
        },
        descriptor("flat-neighbour", "a descriptor of the file beside it", qemu: .refuses) { _ in
            "RW 2048 FLAT \"neighbour.img\" 0"
        },
        descriptor(
            "vmfs", "a descriptor of an ESX extent", kind: "vmfs", qemu: .refuses
        ) { "RW 2048 VMFS \"\($0.secret)\"" },
        descriptor(
            "split", "a descriptor of two extents", kind: "twoGbMaxExtentSparse", qemu: .refuses
        ) { _ in "RW 2048 SPARSE \"neighbour.img\"\nRW 2048 SPARSE \"neighbour.img\"" },
        descriptor(
            "device", "a descriptor of a whole device", kind: "fullDevice", qemu: .refuses
        ) { _ in "RW 2048 FLAT \"/dev/zero\" 0" },
        descriptor(
            "raw", "a raw disk that begins with a descriptor", format: "raw", qemu: .opens,
            inspector: .partly
        ) { "RW 2048 FLAT \"\($0.secret)\" 0" },
        descriptor(
            "raw-comment", "a raw disk that begins with a descriptor under comments",
            format: "raw", qemu: .opens, inspector: .partly,
            prefix: "# nothing to see\n\n  \n# here\n"
        ) { "RW 2048 FLAT \"\($0.secret)\" 0" },
        embedded(
            "embedded-flat", "a sparse extent whose descriptor names another",
            .refuses(.externalData, then: [.externalData]), .opens, .partly
        ) { text in
            text.replacing("createType=\"monolithicSparse\"", with: "createType=\"monolithicFlat\"")
                .replacing("SPARSE \"", with: "FLAT \"/etc/")
        },
        embedded("parent", "the mark of a parent", .refuses(.backingFile), .opens) {
            $0.replacing("parentCID=ffffffff", with: "parentCID=00000001")
        },
        embedded("parent-name", "the name of a parent", .refuses(.backingFile), .opens, .partly) {
            $0 + "\nparentFileNameHint=\"neighbour.img\"\n"
        },
        sparse("exbibyte", "8 EiB", .refuses(.tableSize, then: [.virtualSize]), .refuses) {
            $0.patched(12, little: UInt64(1) << 54)
        },
        sparse("grain-huge", "grains of 2^63 sectors", .refuses(.malformed), .refuses, .partly) {
            $0.patched(20, little: UInt64(1) << 63)
        },
        sparse(
            "directory-beyond", "a grain directory beyond the end", .refuses(.truncated), .opens
        ) { $0.patched(56, little: UInt64(1) << 40) },
        sparse("descriptor-long", "a descriptor of 2 TiB", .refuses(.tableSize), .opens) {
            $0.patched(36, little: UInt64(1) << 32)
        },
        sparse(
            "grain-beyond", "a grain beyond the end", .refuses(.truncated), .opens, .partly
        ) {
            let directory = Int($0.little64(56)) * 512
            return $0.patched(Int($0.little32(directory)) * 512, little: UInt32(1) << 30)
        },
        sparse("tail-cut", "its last two grains cut off", .refuses(.truncated), .opens, .partly) {
            Array($0[..<($0.count - 131_072)])
        },
        sparse("version", "version 9", .refuses(.unsupported), .refuses, .partly) {
            $0.patched(4, little: UInt32(9))
        },
        sparse("cut", "cut after 4 KiB", .refuses(.truncated, then: [.truncated]), .refuses) {
            Array($0[..<4096])
        },
        sparse(
            "stream-cut", "a stream-optimised one cut in the middle", .refuses(.truncated), .opens,
            .partly,
            options: ["-o", "subformat=streamOptimized"]
        ) { Array($0[..<($0.count / 2)]) },
        sparse(
            "stream-damage", "a stream-optimised one with damaged grains", .passes, .opens,
            .refuses,
            options: ["-o", "subformat=streamOptimized"]
        ) { $0.patched(65_536 + 12, [UInt8](repeating: 0xFF, count: 500)) },
        HostileImage(
            name: "vmdk-esx", format: "vmdk", attempt: "an extent of an ESX server (COWD)",
            probe: .refuses(.unsupported), qemu: .refuses, inspector: .refuses
        ) { room, path in
            try room.write(
                Array("COWD".utf8).patched(4, little: UInt32(1)).patched(65_535, [0]), to: path)
        },
    ]
}
