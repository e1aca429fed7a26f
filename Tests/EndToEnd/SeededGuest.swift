// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import TestSupport

/// Any number of small guests that differ in one file, from one that is built once.
struct SeededGuest {
    private let guest: GuestImage

    /// The beginning of the file, until a guest gets its own.
    private static let mark = Array("the seed of this guest".utf8)
    private static let built = Mutex<[GuestImage: Data]>([:])

    /// - Parameter size: of the file, in bytes.
    init(_ guest: GuestImage, size: Int) {
        var guest = guest
        let rest = SourceImages.bytes(seed: "the same in all guests", size: size)
        guest.tree.file("/usr/share/seed", Data(Self.mark + rest))
        self.guest = guest
    }

    /// The image, with the seed in its file. File systems keep no checksum of a file's content.
    func bytes(seed: String) async throws -> [UInt8] {
        var bytes: Data
        if let known = Self.built.withLock({ $0[guest] }) {
            bytes = known
        } else {
            let made = try Data(contentsOf: URL(filePath: try await guest.built()))
            Self.built.withLock { $0[guest] = made }
            bytes = made
        }
        guard let place = bytes.range(of: Data(Self.mark)) else {
            throw NeverHappened(description: "the guest's file is not in its image")
        }
        bytes.replaceSubrange(
            place, with: Data(SourceImages.bytes(seed: seed, size: place.count)))
        return Array(bytes)
    }
}
