// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport
import Testing

/// The clean guest on every disk: the inspector sees all of it and nothing else, and no check
/// finds fault.
@Suite(.timeLimit(.minutes(20))) struct LayoutTests {
    @Test(arguments: GuestDisk.Layout.allCases, GuestDisk.FileSystem.makeable)
    func cleanGuest(
        on layout: GuestDisk.Layout, with fileSystem: GuestDisk.FileSystem
    ) async throws {
        let image = GuestImage.clean.on(layout, fileSystem)
        let everything = InspectionQuery(paths: [
            InspectionQuery.Pattern("/**", contentBytesMax: 65_536)
        ])
        let facts = try await Scanning.facts(of: image, query: everything)
        #expect(facts.problems == [])
        #expect(facts.isComplete)
        #expect(facts.volumes == Self.volumes(layout, fileSystem, size: facts.disk.size))
        #expect(facts.disk.scheme == Self.scheme(layout))
        #expect(facts.root.map { facts.volumes[$0].mountPoint } == "/")
        expect(facts, holds: image.tree)
        let loader = facts.entries.first { $0.path == "/boot/efi/EFI/debian/grub.cfg" }
        #expect((loader?.kind == .file) == (layout == .cloud))

        let report = await Scanning.report(
            on: try await Scanning.facts(of: image), advisories: try Scanning.advisories())
        #expect(report.firing == [], "\(report.allFindings)")
        #expect(report.verdict == .accepted)
    }

    @Test(arguments: GuestDisk.Layout.allCases.filter { $0 != .whole })
    func swapIsFound(on layout: GuestDisk.Layout) async throws {
        let image = GuestImage.clean.on(layout).having(.swapPartition)
        let facts = try await Scanning.facts(of: image)
        let swap = facts.volumes.filter { $0.content == "swap" }
        #expect(swap.map(\.size) == [8 << 20])
        #expect(swap.first?.name == (layout == .lvm ? "vg0/swap" : swapPartition[layout]))
        #expect(await Scanning.report(on: facts).firing == ["swap"])
    }

    private let swapPartition: [GuestDisk.Layout: String] = [
        .mbr: "partition 2", .mbrLogical: "partition 6", .gpt: "partition 2",
        .cloud: "partition 2",
    ]

    private func expect(_ facts: GuestFacts, holds tree: GuestTree) {
        let found = facts.comparableEntries()
        let wanted = tree.expectedEntries.filter { $0.key != "/boot/efi" }
        for path in Set(found.keys).union(wanted.keys).sorted() {
            #expect(found[path] == wanted[path], "\(path)")
        }
        #expect(facts.packages?.manager == .dpkg)
        #expect(facts.packages?.modified == GuestImage.time)
        #expect(
            facts.packages?.installed.map { "\($0.name) \($0.version)" }.sorted() == [
                "base-files 13.8+deb13u2", "bash 5.2.37-2+b5", "libc6 2.41-12",
                "libssl3t64 3.5.4-1~deb13u1", "mount 2.41-5", "openssh-server 1:10.0p1-7",
                "openssl 3.5.4-1~deb13u1", "passwd 1:4.17.4-2", "tzdata 2025b-4+deb13u1",
                "util-linux 2.41-5",
            ])
    }

    private static func scheme(_ layout: GuestDisk.Layout) -> String {
        switch layout {
        case .whole: "none"
        case .mbr, .mbrLogical: "mbr"
        case .gpt, .cloud, .lvm: "gpt"
        }
    }

    private static func volumes(
        _ layout: GuestDisk.Layout, _ fileSystem: GuestDisk.FileSystem, size: Int
    ) -> [GuestFacts.Volume] {
        let mebibyte = 1 << 20
        let content = fileSystem == .btrfsSubvolume ? "btrfs" : fileSystem.rawValue
        let length = [.ext4: 32, .xfs: 300][fileSystem, default: 160] * mebibyte
        func volume(
            _ name: String, _ offset: Int?, _ size: Int, _ content: String, _ place: String? = nil
        ) -> GuestFacts.Volume {
            GuestFacts.Volume(
                name: name, offset: offset, size: size, content: content, mountPoint: place)
        }
        switch layout {
        case .whole: return [volume("disk", 0, length, content, "/")]
        case .mbr, .gpt: return [volume("partition 1", mebibyte, length, content, "/")]
        case .mbrLogical: return [volume("partition 5", 2 * mebibyte, length, content, "/")]
        case .cloud:
            return [
                volume("partition 1", mebibyte, length, content, "/"),
                volume("partition 2", mebibyte + length, mebibyte, "bios-boot"),
                volume("partition 3", 2 * mebibyte + length, 8 * mebibyte, "vfat", "/boot/efi"),
            ]
        case .lvm:
            // Extents of 4 MiB, behind one MiB of LVM's own.
            return [
                volume("partition 1", mebibyte, length + mebibyte, "lvm"),
                volume("vg0/root", nil, length, content, "/"),
            ]
        }
    }
}
