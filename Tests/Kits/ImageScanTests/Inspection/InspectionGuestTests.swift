// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport
import Testing

/// Guests that are larger, stranger or more hostile than ``GuestImage/clean``.
@Suite(.timeLimit(.minutes(10))) struct InspectionGuestTests {
    @Test func linksLeadNowhereButIntoTheGuest() async throws {
        var tree = GuestTree.clean
        tree.link("/etc/shadow", to: "../../../../../../etc/gshadow")
        tree.link("/loop/a", to: "b")
        tree.link("/loop/b", to: "/loop/a")
        tree.link("/loop/self", to: ".")
        tree.link("/root/.ssh", to: "/srv/keys")
        tree.file("/srv/keys/authorized_keys", "ssh-ed25519 AAAA\n")
        tree.link("/srv/keys/proc", to: "/proc/self/environ")
        let query = InspectionQuery(
            paths: [
                "/etc/shadow", "/loop/a", "/loop/self/self/self/b", "/root/.ssh/authorized_keys",
                "/home/../etc/passwd", "/srv/keys/proc", "/proc/self/environ",
            ].map { InspectionQuery.Pattern($0, contentBytesMax: 1_000) })
        let facts = try await facts(of: GuestImage(tree: tree), query)
        #expect(facts.problems == [] && facts.isComplete)
        let entries = Dictionary(uniqueKeysWithValues: facts.entries.map { ($0.path, $0) })
        let asked = facts.entries.filter { $0.mode & 0o6000 == 0 }.map(\.path)
        #expect(
            asked == [
                "/etc/gshadow", "/etc/shadow", "/loop/a", "/loop/b", "/loop/self/self/self/b",
                "/root/.ssh/authorized_keys", "/srv/keys/authorized_keys", "/srv/keys/proc",
            ])
        #expect(text(entries["/etc/gshadow"]) == "root:*::\n")
        #expect(text(entries["/root/.ssh/authorized_keys"]) == "ssh-ed25519 AAAA\n")
        #expect(entries["/srv/keys/proc"]?.target == "/proc/self/environ")
    }

    @Test func namesAreBytes() async throws {
        var tree = GuestTree.clean
        for name in ["line\nbreak", "quote\"back\\slash", "\u{1b}[31m", "ünï", "u\u{308}"] {
            tree.file("/srv/names/\(name)", name, mode: 0o666)
        }
        let facts = try await facts(of: GuestImage(tree: tree), InspectionQuery())
        let names = facts.entries.filter { $0.path.hasPrefix("/srv/names/") }
        #expect(names.count == 5)
        #expect(names.map { $0.path.dropFirst(11) }.contains("line\nbreak"))
    }

    @Test(arguments: [GuestDisk.FileSystem.ext4, .xfs, .btrfs])
    func aNameThatIsNoTextIsReported(fileSystem: GuestDisk.FileSystem) async throws {
        let script = "mkdir -p etc usr && : > \"$(printf 'etc/a\\377b')\" && chmod 666 etc/a*"
        let folder = try await ScriptedImage.made(script, fileSystem)
        let facts = try await inspection().facts(
            of: folder.file("image"), format: "raw", query: InspectionQuery())
        #expect(facts.entries.map(\.path) == ["/etc/a\\xffb"])
        #expect(facts.root == 0)
    }

    @Test func partitionsAreMountedWhereFstabSays() async throws {
        let folder = try await ScriptedImage.partitioned()
        let facts = try await inspection().facts(
            of: folder.file("image"), format: "raw",
            query: InspectionQuery(paths: [
                InspectionQuery.Pattern("/home/*/.ssh/*", contentBytesMax: 100),
                InspectionQuery.Pattern("/**/hidden"),
            ]))
        #expect(facts.problems == [])
        #expect(facts.volumes.map(\.content) == ["vfat", "ext4", "swap", "ext4", "empty"])
        #expect(facts.volumes.map(\.mountPoint) == ["/boot/efi", "/", nil, "/home", nil])
        #expect(facts.root == 1)
        #expect(
            facts.entries.map(\.path) == [
                "/boot/efi/EFI/hidden", "/home/me/.ssh/key",
            ])
        #expect(text(facts.entries.last) == "secret\n")
    }

    @Test func whatVolumesHoldIsToldByTheirFirstBytes() async throws {
        let magics = [
            (0, "LUKS\\272\\276", "encrypted"), (4_086, "SWAPSPACE2", "swap"),
            (3, "NTFS    ", "ntfs"), (32_769, "CD001", "iso9660"), (512, "LABELONE", "lvm"),
            (4_096, "\\374N+\\251", "raid"), (9, "text", "unknown"), (9, "", "empty"),
        ]
        var script = "truncate -s 32M image; (echo label: gpt"
        for _ in magics { script += "; echo size=1M" }
        script += ") | sfdisk -q image"
        for (index, (place, magic, _)) in magics.enumerated() {
            let offset = (index + 1) << 20 + place
            script +=
                "; printf '\(magic)' | dd of=image bs=1 seek=\(offset) conv=notrunc status=none"
        }
        let folder = try await ScriptedImage.shell(script)
        let facts = try await inspection().facts(
            of: folder.file("image"), format: "raw", query: InspectionQuery())
        #expect(facts.volumes.map(\.content) == magics.map(\.2))
        #expect(facts.disk == GuestFacts.Disk(size: 32 << 20, scheme: "gpt"))
        #expect(facts.volumes.map(\.offset) == magics.indices.map { ($0 + 1) << 20 })
        #expect(facts.volumes.allSatisfy { $0.size == 1 << 20 && $0.mountPoint == nil })
        #expect(facts.root == nil)
    }

    @Test func whatMeetsABoundIsIncomplete() async throws {
        var tree = GuestTree.clean
        for number in 0..<200 { tree.file("/srv/\(number)", "0123456789", mode: 0o666) }
        tree.file("/srv/large", String(repeating: "x", count: 100_000))
        let path = try await GuestImage(tree: tree).built()
        let query = InspectionQuery(paths: [
            InspectionQuery.Pattern("/**", contentBytesMax: 9),
            InspectionQuery.Pattern("/srv/1*", contentBytesMax: 9),
        ])
        for limits in [
            Inspection.Limits(entriesMax: 10), Inspection.Limits(visitsMax: 100),
        ] {
            let facts = try await inspection(limits: limits).facts(
                of: path, format: "qcow2", query: query)
            #expect(!facts.isComplete)
            #expect(facts.entries.count <= 100 && facts.root == 0)
            #expect(facts.entries.allSatisfy { $0.isTruncated ?? true || $0.kind != .file })
        }
        // Half of the output is for content.
        let facts = try await inspection(limits: Inspection.Limits(outputBytesMax: 120_000)).facts(
            of: path, format: "qcow2",
            query: InspectionQuery(paths: [
                InspectionQuery.Pattern("/srv/large", contentBytesMax: 1 << 20),
                InspectionQuery.Pattern("/etc/os-release", contentBytesMax: 1 << 20),
            ]))
        #expect(!facts.isComplete)
        #expect(facts.entries.first { $0.path == "/srv/large" }?.content == nil)
        #expect(facts.entries.first { $0.path == "/usr/lib/os-release" }?.content != nil)
    }

    @Test func clamdIsShownEveryFile() async throws {
        let clamd = try await PrivateClamd()
        let image = GuestImage.clean.having(.malware)
        let path = try await image.built()
        let inspection = try inspection(clamd: clamd.socketPath)
        let facts = try await inspection.facts(
            of: path, format: "qcow2", query: InspectionQuery())
        #expect(
            facts.malware == [
                GuestFacts.Malware(
                    path: "/usr/share/games/sample.bin", signature: PrivateClamd.signature)
            ])
        #expect(facts.problems == [])
        try await clamd.stop()
        let error = await #expect(throws: InspectionError.self) {
            try await inspection.facts(of: path, format: "qcow2", query: InspectionQuery())
        }
        #expect(error?.isTransient == true)
    }

    private func inspection(
        limits: Inspection.Limits = Inspection.Limits(), clamd: String? = nil
    ) throws -> Inspection {
        Inspection(
            backend: .dissect(python: try DissectTools.interpreter()), limits: limits,
            clamd: clamd)
    }

    private func facts(of image: GuestImage, _ query: InspectionQuery) async throws -> GuestFacts {
        try await inspection().facts(
            of: try await image.built(), format: image.disk.format.name, query: query)
    }

    private func text(_ entry: GuestFacts.Entry?) -> String? {
        guard let content = entry?.content, let data = Data(base64Encoded: content) else {
            return nil
        }
        return String(decoding: data, as: UTF8.self)
    }
}
