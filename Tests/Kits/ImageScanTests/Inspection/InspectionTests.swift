// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageScan
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct InspectionTests {
    @Test func versionNamesTheModules() async throws {
        let version = try await inspection().version()
        #expect(version.name == "dissect")
        #expect(version.version.contains("extfs 3."))
    }

    @Test(arguments: GuestDisk.Layout.allCases, [GuestDisk.FileSystem.ext4, .xfs, .btrfs])
    func factsAreWhatWasPutIn(
        layout: GuestDisk.Layout, fileSystem: GuestDisk.FileSystem
    ) async throws {
        let image = GuestImage.clean.having(.setuidStranger, .worldWritableFile)
            .on(layout, fileSystem)
        let facts = try await facts(of: image, query: Self.query)
        #expect(facts.problems == [])
        #expect(facts.isComplete)
        try expectGuest(facts, of: image)
    }

    @Test(.enabled(if: geteuid() == 0))
    func theDefaultSubvolumeIsTheRoot() async throws {
        let image = GuestImage.clean.having(.setuidStranger, .worldWritableFile)
            .on(.gpt, .btrfsSubvolume)
        let facts = try await facts(of: image, query: Self.query)
        #expect(facts.problems == [])
        try expectGuest(facts, of: image)
    }

    @Test(arguments: GuestDisk.Format.allCases)
    func everyFormatHoldsTheSame(format: GuestDisk.Format) async throws {
        let image = GuestImage.clean.having(.setuidStranger, .worldWritableFile)
            .on(.gpt, .ext4, format: format)
        let facts = try await facts(of: image, query: Self.query)
        #expect(facts.problems == [])
        try expectGuest(facts, of: image)
    }

    /// Two readers that share nothing but the collecting: Dissect in Python, and a Linux kernel.
    @Test(.enabled(if: DissectTools.hasLibguestfs))
    func libguestfsSeesTheSame() async throws {
        let image = GuestImage.clean.having(.setuidStranger, .worldWritableFile, .swapPartition)
            .on(.lvm, .xfs)
        let path = try await image.built()
        let readable = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: path, toPath: readable.file("image"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: readable.file("image"))
        let other = Inspection(
            backend: .libguestfs(appliance: try DissectTools.appliance()))
        #expect(try await other.version().version.contains("1."))
        var seen = try await other.facts(
            of: readable.file("image"), format: "qcow2", query: Self.query)
        let facts = try await facts(of: image, query: Self.query)
        #expect(seen.inspector.name == "libguestfs")
        seen.inspector = facts.inspector
        #expect(seen == facts)
    }
}
