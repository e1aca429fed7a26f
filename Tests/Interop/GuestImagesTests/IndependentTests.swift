// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport
import Testing

/// The images themselves, seen by the field's tools: what the inspector reads is what a kernel
/// would.
@Suite(.timeLimit(.minutes(5))) struct IndependentTests {
    @Test(arguments: [
        (GuestDisk.FileSystem.ext4, ["e2fsck", "-fn"]), (.xfs, ["xfs_repair", "-n", "-f"]),
        (.btrfs, ["btrfs", "check", "--readonly"]),
        (.btrfsSubvolume, ["btrfs", "check", "--readonly"]),
    ])
    func fileSystemsAreSound(_ fileSystem: GuestDisk.FileSystem, _ command: [String]) async throws {
        if fileSystem == .btrfsSubvolume && geteuid() != 0 { return }
        let path = try await GuestImage.clean.on(.whole, fileSystem, format: .raw).built()
        let (status, output) = try await run(
            "env", ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] + command + [path])
        #expect(status == 0, "\(output)")
    }

    @Test(arguments: GuestDisk.Layout.allCases.filter { $0 != .whole })
    func partitionTablesAreSound(_ layout: GuestDisk.Layout) async throws {
        let image = GuestImage.clean.on(layout, format: .raw).having(.swapPartition)
        let (status, output) = try await run(
            "env",
            ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sfdisk", "--verify"]
                + [try await image.built()])
        #expect(status == 0 && output.contains("No errors detected"), "\(output)")
    }

    @Test(arguments: [GuestDisk.FileSystem.ext4, .xfs])
    func sameRecipeGivesSameBytes(_ fileSystem: GuestDisk.FileSystem) async throws {
        let image = GuestImage.clean.on(.lvm, fileSystem)
        let recipe = try JSONEncoder().encode(image)
        var images: [Data] = []
        for _ in 0..<2 {
            let folder = try TemporaryDirectory()
            let (status, output) = try await run(
                "python3",
                [
                    "\(repositoryRoot)/Tests/Support/Guests/guest_image.py",
                    try folder.write(recipe, to: "recipe.json"), folder.path,
                ])
            #expect(status == 0, "\(output)")
            let path = output.trimmingCharacters(in: .whitespacesAndNewlines)
            images.append(try Data(contentsOf: URL(fileURLWithPath: path)))
        }
        #expect(images[0] == images[1])
    }

    /// Three disks in one virtual machine, read by Linux: each holds the tree it was made of.
    @Test func linuxSeesTheSameTree() async throws {
        let disks: [(GuestDisk.Layout, GuestDisk.FileSystem, String)] = [
            (.lvm, .ext4, "/dev/vg0/root"), (.cloud, .xfs, "/dev/sdb1"),
            (.gpt, .btrfs, "/dev/sdc1"),
        ]
        let folder = try TemporaryDirectory()
        var options = ["--ro", "--format=qcow2"]
        var commands = "run\n"
        for (index, (layout, fileSystem, device)) in disks.enumerated() {
            options += ["-a", try await GuestImage.clean.on(layout, fileSystem).built()]
            commands += "mount-ro \(device) /\n"
            commands += "tar-out / \(folder.file("\(index).tar")) numericowner:true\numount-all\n"
        }
        let script = try folder.write(commands, to: "script")
        let (status, output) = try await run(
            "guestfish", options + ["-f", script],
            environment: [
                "LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg",
                "LIBGUESTFS_PATH": try DissectTools.appliance(),
            ], timeout: .seconds(240))
        try #require(status == 0, "\(output)")
        for index in disks.indices {
            let seen = try await listing(of: folder.file("\(index).tar"))
            #expect(seen == expectedListing)
        }
    }

    /// Rights, owner, size, time and path of each member.
    private func listing(of archive: String) async throws -> [String] {
        let (status, output) = try await run(
            "tar", ["--numeric-owner", "--full-time", "--utc", "-tvf", archive])
        #expect(status == 0)
        return output.split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        .filter { !$0.contains(" ./lost+found/") && !$0.hasSuffix(" ./") }.sorted()
    }

    private var expectedListing: [String] {
        GuestTree.clean.expectedEntries.values.map { entry in
            let letter = [.directory: "d", .link: "l"][entry.kind, default: "-"]
            let isFolder = entry.kind == .directory
            let tail = entry.target.map { " -> \($0)" } ?? (isFolder ? "/" : "")
            let time = "2026-11-20 00:00:00"
            return "\(letter)\(Self.rights(entry.mode)) \(entry.uid)/\(entry.gid) "
                + "\(entry.size) \(time) .\(entry.path)\(tail)"
        }
        .sorted()
    }

    private static func rights(_ mode: Int) -> String {
        var text = ""
        for (shift, special, letter) in [(6, 0o4000, "s"), (3, 0o2000, "s"), (0, 0o1000, "t")] {
            let bits = mode >> shift
            text += (bits & 4 != 0 ? "r" : "-") + (bits & 2 != 0 ? "w" : "-")
            let executes = bits & 1 != 0
            text +=
                mode & special != 0
                ? (executes ? letter : letter.uppercased()) : (executes ? "x" : "-")
        }
        return text
    }
}
