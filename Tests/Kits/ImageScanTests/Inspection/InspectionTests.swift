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
}
