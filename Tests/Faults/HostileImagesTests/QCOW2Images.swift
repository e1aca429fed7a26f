// SPDX-License-Identifier: Apache-2.0
import ImageFile
import TestSupport

extension HostileImage {
    private typealias Name = @Sendable (HostileRoom) -> String

    /// A qcow2 image, one of qemu-img's with something changed.
    fileprivate static func qcow2(
        _ name: String, _ attempt: String, _ probe: Probe, _ qemu: QEMU,
        _ inspector: Inspector = .refuses, options: [String] = [],
        _ damage: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> HostileImage {
        HostileImage(
            name: "qcow2-\(name)", format: "qcow2", attempt: attempt, probe: probe, qemu: qemu,
            inspector: inspector
        ) { room, path in
            try await room.damaged("qcow2", options: options, at: path, damage)
        }
    }

    /// One whose header names a backing file.
    private static func backing(
        _ name: String, _ attempt: String, _ file: @escaping Name
    ) -> HostileImage {
        HostileImage(
            name: "qcow2-backing-\(name)", format: "qcow2", attempt: attempt,
            probe: .refuses(.backingFile), qemu: .opens, inspector: .refuses, namesHost: true
        ) { room, path in
            let text = Array(file(room).utf8)
            try await room.damaged("qcow2", at: path) { bytes in
                // Also what is on the disk comes from there.
                let l1 = Int(bytes.big64(40))
                return bytes.patched(8, big: UInt64(512)).patched(16, big: UInt32(text.count))
                    .patched(512, text).patched(l1, big: UInt64(0))
            }
        }
    }

    /// Names of other files, in every form that QEMU knows.
    static let qcow2Names = [
        backing("absolute", "a backing file: a file of the host") { $0.secret },
        backing("neighbour", "a backing file: the file beside it") { _ in "neighbour.img" },
        backing("json", "a backing file in QEMU's JSON") {
            "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"\($0.secret)\"}}"
        },
        backing("nbd", "a backing file on the network (NBD)") {
            "nbd://127.0.0.1:\($0.listener.port)/x"
        },
        backing("http", "a backing file on the network (HTTP)") {
            "http://127.0.0.1:\($0.listener.port)/x"
        },
        backing("pipe", "a backing file that is a FIFO, which hangs whoever opens it") { $0.pipe },
        backing("device", "a backing file that is a device") { _ in "/dev/zero" },
        HostileImage(
            name: "qcow2-overlay", format: "qcow2", attempt: "an overlay as qemu-img makes it",
            probe: .refuses(.backingFile), qemu: .opens, inspector: .refuses, namesHost: true
        ) { room, path in
            try await DiskImages.qemu(
                ["create", "-f", "qcow2", "-b", room.secret, "-F", "raw", path, "1M"])
        },
        HostileImage(
            name: "qcow2-data-file", format: "qcow2",
            attempt: "its data in another file of the host",
            probe: .refuses(.externalData, then: [.externalData]), qemu: .opens,
            inspector: .refuses, namesHost: true
        ) { room, path in
            let images = try DiskImages()
            let overlay = images.folder.file("image")
            try await DiskImages.qemu(
                [
                    "create", "-f", "qcow2", "-o", "data_file=\(images.folder.file("data"))",
                    overlay, "1M",
                ])
            let secret = Array(room.secret.utf8)
            var bytes = try images.bytes(overlay)
            let name = Array(images.folder.file("data").utf8)
            guard let place = bytes.places(of: name).first else {
                throw NeverHappened(description: "no name of a data file")
            }
            bytes = bytes.patched(place - 4, big: UInt32(secret.count))
                .patched(place, secret + [UInt8](repeating: 0, count: 16))
            try room.write(bytes, to: path)
        },
        qcow2(
            "data-file-name", "the name of a data file without the feature",
            .refuses(.externalData), .opens, .partly
        ) { bytes in
            let name = Array("/etc/hostname".utf8)
            let length = Int(bytes.big32(100))
            return bytes.patched(length, big: UInt32(0x4441_5441))
                .patched(length + 4, big: UInt32(name.count)).patched(length + 8, name)
        },
    ]

    /// Sizes, tables and flags.
    static let qcow2Tables = [
        HostileImage(
            name: "qcow2-exbibyte", format: "qcow2", attempt: "1 EiB, in clusters of 2 MiB",
            probe: .refuses(.virtualSize), qemu: .opens, inspector: .partly
        ) { _, path in
            try await DiskImages.qemu(
                ["create", "-f", "qcow2", "-o", "cluster_size=2M", path, "1E"])
        },
        qcow2(
            "exbibyte-small", "1 EiB, in clusters of 64 KiB",
            .refuses(.malformed, then: [.virtualSize]), .refuses, .partly
        ) { $0.patched(24, big: UInt64(1) << 60) },
        qcow2("no-size", "no size", .refuses(.virtualSize), .opens, .partly) {
            $0.patched(24, big: UInt64(0))
        },
        qcow2(
            "negative-size", "a size of 2^64 - 1",
            .refuses(.malformed, then: [.virtualSize]), .refuses
        ) { $0.patched(24, big: UInt64.max) },
        qcow2("l1-bomb", "an L1 table of 32 GiB", .refuses(.tableSize), .refuses) {
            $0.patched(36, big: UInt32.max)
        },
        qcow2(
            "refcount-bomb", "a reference-count table of 256 TiB", .refuses(.tableSize), .refuses,
            .partly
        ) { $0.patched(56, big: UInt32.max) },
        qcow2(
            "snapshot-bomb", "2^32 - 1 snapshots", .refuses(.snapshots, then: [.tableSize]),
            .refuses, .partly
        ) { $0.patched(60, big: UInt32.max) },
        HostileImage(
            name: "qcow2-snapshot", format: "qcow2",
            attempt: "an internal snapshot, which may hide what was deleted",
            probe: .refuses(.snapshots), qemu: .opens, inspector: .partly
        ) { room, path in
            try await room.damaged("qcow2", at: path) { $0 }
            try await DiskImages.qemu(["snapshot", "-c", "one", path])
        },
        qcow2("cluster-huge", "clusters of 2^62 bytes", .refuses(.malformed), .refuses) {
            $0.patched(20, big: UInt32(62))
        },
        qcow2("cluster-tiny", "clusters of one byte", .refuses(.malformed), .refuses) {
            $0.patched(20, big: UInt32(0))
        },
        qcow2(
            "header-long", "a header longer than its cluster", .refuses(.malformed), .refuses,
            .partly
        ) {
            $0.patched(100, big: UInt32(1 << 20))
        },
        qcow2("extensions", "header extensions without end", .refuses(.malformed), .opens, .partly)
        {
            let length = Int($0.big32(100))
            let one = [UInt8]().patched(0, big: UInt32(0x1234_5678)).patched(4, big: UInt32(0))
            return $0.patched(length, Array(repeatElement(one, count: 1_000).joined()))
        },
        qcow2(
            "extension-long", "a header extension of 4 GiB", .refuses(.malformed), .refuses, .partly
        ) {
            let length = Int($0.big32(100))
            return $0.patched(length, big: UInt32(0x1234_5678))
                .patched(length + 4, big: UInt32.max)
        },
        qcow2("encrypted", "AES encryption", .refuses(.encrypted), .opens) {
            $0.patched(32, big: UInt32(1))
        },
        qcow2("luks", "a pointer to a LUKS header", .refuses(.encrypted), .refuses, .partly) {
            let length = Int($0.big32(100))
            let pointer = [UInt8](repeating: 0, count: 32).patched(0, big: UInt32(0x0537_BE77))
                .patched(4, big: UInt32(16))
            return $0.patched(length, pointer)
        },
        qcow2("dirty", "not closed cleanly", .refuses(.unclean), .opens, .partly) {
            $0.patched(72, big: UInt64(1))
        },
        qcow2("corrupt", "marked corrupt", .refuses(.unclean), .opens, .partly) {
            $0.patched(72, big: UInt64(2))
        },
        qcow2("feature", "a feature that nobody knows", .refuses(.unsupported), .refuses, .partly) {
            $0.patched(72, big: UInt64(1) << 40)
        },
        qcow2("version", "version 9", .refuses(.unsupported), .refuses) {
            $0.patched(4, big: UInt32(9))
        },
        qcow2("cut-header", "cut after 200 bytes", .refuses(.truncated, then: [.truncated]), .opens)
        { Array($0[..<200]) },
        qcow2("cut-half", "cut in the middle", .refuses(.truncated), .opens, .partly) {
            Array($0[..<($0.count / 2)])
        },
        qcow2("cut-tail", "its last two clusters cut off", .refuses(.truncated), .opens, .partly) {
            Array($0[..<($0.count - 131_072)])
        },
        qcow2("l1-loop", "an L1 table that names itself", .refuses(.malformed), .opens, .partly) {
            let l1 = $0.big64(40)
            return $0.patched(Int(l1), big: l1 | 1 << 63)
        },
        qcow2("l1-twice", "two L1 entries for one table", .refuses(.malformed), .opens, .partly) {
            let l1 = Int($0.big64(40))
            return $0.patched(36, big: UInt32(2)).patched(l1 + 8, Array($0[l1..<l1 + 8]))
        },
        qcow2("l2-beyond", "an L2 table beyond the end", .refuses(.truncated), .opens) {
            $0.patched(Int($0.big64(40)), big: UInt64(1) << 40)
        },
        qcow2("cluster-beyond", "a cluster beyond the end", .refuses(.truncated), .opens, .partly) {
            $0.patched($0.l2Table, big: UInt64(1) << 40)
        },
        qcow2("l2-loop", "clusters that are the tables themselves", .passes, .opens, .partly) {
            $0.patched($0.l2Table, big: UInt64($0.l2Table) | 1 << 63)
        },
        qcow2("clusters-twice", "all clusters the same one", .passes, .opens, .partly) {
            let l2 = $0.l2Table
            let entry = Array($0[l2 + 8..<l2 + 16])
            return $0.patched(l2, Array(repeatElement(entry, count: 48).joined()))
        },
        qcow2(
            "deflate-damage", "compressed clusters of no known content", .passes, .opens, .refuses,
            options: ["-c"]
        ) { bytes in
            let place = Int(bytes.big64(bytes.l2Table) & 0x003F_FFFF_FFFF_FFFF)
            return bytes.patched(place, [UInt8](repeating: 0xFF, count: 2_000))
        },
        HostileImage(
            name: "qcow2-deflate-bomb", format: "qcow2",
            attempt: "512 GiB that are one compressed cluster", probe: .passes, qemu: .opens,
            inspector: .partly, make: compressionBomb),
        qcow2(
            "compression-type", "a kind of compression that nobody knows", .passes, .refuses,
            .partly
        ) { $0.patched(72, big: UInt64(8)).patched(104, [7]) },
        qcow2("refcount-order", "reference counts of 2^255 bits", .passes, .refuses, .partly) {
            $0.patched(96, big: UInt32(255))
        },
    ]

    @Sendable private static func compressionBomb(
        _ room: HostileRoom, _ path: String
    ) async throws {
        let images = try DiskImages()
        let raw = try images.folder.write([UInt8](repeating: 65, count: 2 << 20), to: "a.raw")
        let packed = images.folder.file("packed")
        try await DiskImages.qemu(
            ["convert", "-f", "raw", "-O", "qcow2", "-c", "-o", "cluster_size=2M", raw, packed])
        let bytes = try images.bytes(packed)
        let entry = Array(bytes[bytes.l2Table..<bytes.l2Table + 8])
        let table = Array(repeatElement(entry, count: (2 << 20) / 8).joined())
        try room.write(
            bytes.patched(24, big: UInt64(1) << 39).patched(bytes.l2Table, table), to: path)
    }
}

extension [UInt8] {
    func big64(_ offset: Int) -> UInt64 {
        self[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }

    func big32(_ offset: Int) -> UInt32 {
        self[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    func little32(_ offset: Int) -> UInt32 {
        self[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    func little64(_ offset: Int) -> UInt64 {
        self[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Of a qcow2 file, where its first L2 table lies.
    var l2Table: Int { Int(big64(Int(big64(40))) & 0x00FF_FFFF_FFFF_FE00) }
}
