// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport
import Testing

/// The images themselves, seen by the field's tools: what the inspector reads is what a kernel
/// would.
@Suite(.timeLimit(.minutes(20))) struct IndependentTests {
    @Test(arguments: GuestDisk.FileSystem.makeable)
    func fileSystemsAreSound(_ fileSystem: GuestDisk.FileSystem) async throws {
        let command =
            switch fileSystem {
            case .ext4: ["e2fsck", "-fn"]
            case .xfs: ["xfs_repair", "-n", "-f"]
            case .btrfs, .btrfsSubvolume: ["btrfs", "check", "--readonly"]
            }
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
                ], timeout: .seconds(240))
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
                "LIBGUESTFS_PATH": try DissectTools.appliance(), "LIBGUESTFS_DEBUG": "1",
            ], timeout: .seconds(240))
        try #require(status == 0, "\(output.suffix(4_000))")
        for index in disks.indices {
            let seen = try await listing(of: folder.file("\(index).tar"))
            #expect(seen == expectedListing)
        }
    }

    /// A guest of 10,000 files, read by debugfs and by dpkg.
    @Test func debianIsTheSameToDebugfs() async throws {
        let folder = try TemporaryDirectory()
        let raw = folder.file("raw")
        let copy = folder.file("copy")
        try FileManager.default.createDirectory(
            atPath: copy, withIntermediateDirectories: false)
        let image = try await GuestImage.debian.built()
        let root = "\(raw)?offset=1048576"
        for command in [
            ["qemu-img", "convert", "-f", "qcow2", "-O", "raw", image, raw],
            ["debugfs", "-R", "rdump / \(copy)", root],
        ] {
            let (status, output) = try await run(
                "env", ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] + command,
                timeout: .seconds(240))
            try #require(status == 0, "\(output)")
        }
        let everything = InspectionQuery(paths: [InspectionQuery.Pattern("/**")])
        let facts = try await Scanning.facts(of: .debian, query: everything)
        // debugfs makes no devices.
        let entries = facts.entries.filter {
            $0.kind != .other && $0.path != "/" && !$0.path.hasPrefix("/boot/efi")
        }
        let seen = Set(entries.map(Self.line))
        let wanted = try await lines(of: copy)
        #expect(wanted.count > 5_000)
        #expect(seen.subtracting(wanted) == [])
        #expect(wanted.subtracting(seen) == [])

        // What it leaves out when it copies, it tells.
        let special = entries.filter { $0.kind != .link && $0.mode & 0o7000 != 0 }
        #expect(special.count > 10)
        let script = try folder.write(
            special.map { "stat \($0.path)\n" }.joined(), to: "script")
        let (_, stats) = try await run(
            "env", ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "debugfs", "-f", script, root])
        let modes = stats.matches(of: /Mode:  (0[0-7]+)/).map { Int($0.1, radix: 8) }
        #expect(modes == special.map(\.mode))

        let (status, output) = try await run(
            "dpkg-query",
            [
                "--admindir=\(copy)/var/lib/dpkg", "-W", "-f",
                "${Package} ${Version} ${Architecture} ${Source}\n",
            ])
        #expect(status == 0)
        let packages = try #require(facts.packages).installed.map {
            "\($0.name) \($0.version) \($0.architecture) \($0.source ?? "")"
        }
        #expect(packages.sorted() == output.split(separator: "\n").map(String.init).sorted())
    }

    /// Path, kind, rights, owner, size, time and target, as `find` is asked below.
    private static func line(_ entry: GuestFacts.Entry) -> String {
        let letter = [.directory: "d", .link: "l", .file: "f"][entry.kind, default: "o"]
        let size = entry.kind == .file ? entry.size : 0
        // A link's rights and time mean nothing, and debugfs does not keep them.
        let rest =
            entry.kind == .link
            ? "-> \(entry.target ?? "")"
            : "\(String(entry.mode & 0o777, radix: 8)) \(entry.uid) \(entry.gid) \(size) \(entry.modified)"
        return "\(entry.path) \(letter) \(rest)"
    }

    private func lines(of folder: String) async throws -> Set<String> {
        let owner = geteuid() == 0 ? "%U %G" : "0 0"
        let (status, output) = try await run(
            "find",
            [
                folder, "-mindepth", "1", "-type", "l", "-printf", "/%P l -> %l\n", "-o",
                "-mindepth", "1", "-type", "d", "-printf", "/%P d %m \(owner) 0 %Ts\n", "-o",
                "-mindepth", "1", "-printf", "/%P %y %m \(owner) %s %Ts\n",
            ])
        #expect(status == 0)
        return Set(
            output.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("/boot/efi") })
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
        GuestTree.clean.expectedEntries.values.filter { $0.path != "/" }.map { entry in
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
