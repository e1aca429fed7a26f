// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Images that our tools are tried with are what they are meant to be, say the field's tools.
@Suite(.serialized) struct GuestImagesTests {
    @Test(.timeLimit(.minutes(3)), arguments: GuestDisk.Layout.allCases)
    func layout(_ layout: GuestDisk.Layout) async throws {
        let start = ContinuousClock.now
        for system in GuestDisk.FileSystem.allCases {
            let path = try await GuestImage.clean.on(layout, system).built()
            print(layout, system, path, ContinuousClock.now - start)
        }
    }
}
