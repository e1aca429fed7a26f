// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A disk image made at test time: a guest's tree of files, and the disk it lies on. No root
/// needed, no mount, the same bytes each time (btrfs excepted), built once and kept in the cache
/// directory.
///
///     let path = try await GuestImage.clean.having(.emptyPassword).on(.lvm, .xfs).built()
public struct GuestImage: Codable, Sendable, Hashable {
    public var tree: GuestTree
    public var disk: GuestDisk

    public init(tree: GuestTree = .clean, disk: GuestDisk = GuestDisk()) {
        self.tree = tree
        self.disk = disk
    }

    /// A tiny, plausible Debian 13 on which no check fires: ext4 on GPT, in qcow2.
    public static let clean = GuestImage()

    /// Debian 12 of Debian's own packages, with kernel, GRUB, systemd and an SSH server: it boots
    /// from its own disk. ext4, as clouds' images are laid out, in qcow2. The first call to
    /// ``built(timeout:)`` on a machine takes a minute or two, and a mirror that apt knows.
    public static let debian = GuestImage(
        tree: .debian, disk: GuestDisk(.cloud, mebibytes: 1024))

    /// When the guests were last changed, in seconds since 1970: 2026-11-20T00:00:00Z.
    public static let time = 1_795_132_800

    /// The same guest on another disk.
    public func on(
        _ layout: GuestDisk.Layout, _ fileSystem: GuestDisk.FileSystem = .ext4,
        format: GuestDisk.Format = .qcow2
    ) -> GuestImage {
        var image = self
        image.disk.layout = layout
        image.disk.fileSystem = fileSystem
        image.disk.format = format
        return image
    }

    public func having(_ faults: GuestFault...) -> GuestImage { having(faults) }

    public func having(_ faults: some Sequence<GuestFault>) -> GuestImage {
        var image = self
        for fault in faults { fault.seed(&image) }
        return image
    }

    /// The path of the image in the cache, which is for reading only.
    ///
    /// - Throws: ``Failure`` with what the builder's programs said.
    public func built(timeout: Duration = .seconds(900)) async throws -> String {
        let folder = try TemporaryDirectory()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let recipe = try folder.write(try encoder.encode(self), to: "recipe.json")
        let cache = TestCache.path + "/guests"
        try FileManager.default.createDirectory(
            atPath: cache, withIntermediateDirectories: true)
        let (status, output) = try await run(
            "python3", ["\(repositoryRoot)/Tests/Support/Guests/guest_image.py", recipe, cache],
            timeout: timeout)
        guard status == 0, let line = output.split(separator: "\n").last else {
            throw Failure(description: "guest_image.py: \(output.suffix(3000))")
        }
        return String(line)
    }

    /// Writes the image to a file of the caller's, who may change it.
    public func write(to path: String) async throws {
        let (status, output) = try await run(
            "cp", ["--sparse=always", "--no-preserve=mode", try await built(), path])
        guard status == 0 else { throw Failure(description: "cp: \(output)") }
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }
}

/// Where tests keep what takes long to get: `IMPRIMATUR_TEST_CACHE`, or
/// `~/.cache/imprimatur-tests`.
enum TestCache {
    static let path =
        ProcessInfo.processInfo.environment["IMPRIMATUR_TEST_CACHE"]
        ?? FileManager.default.homeDirectoryForCurrentUser.path + "/.cache/imprimatur-tests"
}
