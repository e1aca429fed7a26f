// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

extension HostileRoom {
    /// A sound image of qemu-img's, with `bytes` changed.
    func damaged(
        _ format: String, options: [String] = [], at path: String,
        _ damage: ([UInt8]) throws -> [UInt8]
    ) async throws {
        let images = try DiskImages()
        let bytes = try images.bytes(
            try await images.converted(format, options: options, to: "image"))
        try write(try damage(bytes), to: path)
    }

    func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// A guest of the tests as a raw disk, with bytes changed in place: it may be large and sparse.
    func guest(
        _ layout: GuestDisk.Layout, _ fileSystem: GuestDisk.FileSystem = .ext4,
        tree: GuestTree = .clean, at path: String,
        _ damage: (RawDisk) throws -> Void = { _ in }
    ) async throws {
        let disk = GuestDisk(layout, fileSystem, format: .raw)
        try await GuestImage(tree: tree, disk: disk).write(to: path)
        try damage(try RawDisk(path))
    }
}

/// A file that is changed in place.
struct RawDisk {
    private let handle: FileHandle

    init(_ path: String) throws {
        guard let handle = FileHandle(forUpdatingAtPath: path) else { throw POSIXError(.EACCES) }
        self.handle = handle
    }

    var size: Int { (try? handle.seekToEnd()).map(Int.init) ?? 0 }

    func read(_ offset: Int, _ count: Int) throws -> [UInt8] {
        try handle.seek(toOffset: UInt64(offset))
        return [UInt8](try handle.read(upToCount: count) ?? Data())
    }

    func patch(_ offset: Int, _ bytes: [UInt8]) throws {
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: Data(bytes))
    }

    func patch(_ offset: Int, little value: UInt64) throws {
        try patch(offset, [].patched(0, little: value))
    }

    func patch(_ offset: Int, little value: UInt32) throws {
        try patch(offset, [].patched(0, little: value))
    }

    func patch(_ offset: Int, big value: UInt64) throws {
        try patch(offset, [].patched(0, big: value))
    }

    func patch(_ offset: Int, big value: UInt32) throws {
        try patch(offset, [].patched(0, big: value))
    }

    func cut(to length: Int) throws { try handle.truncate(atOffset: UInt64(length)) }

    /// Replaces all occurrences, in the first `bytes` of the file.
    func replace(
        _ old: String, with new: String, bytes: Int = 32 << 20
    ) throws {
        precondition(old.utf8.count == new.utf8.count)
        let places = try read(0, bytes).places(of: Array(old.utf8))
        guard !places.isEmpty else { throw NeverHappened(description: "no '\(old)' in the disk") }
        for place in places { try patch(place, Array(new.utf8)) }
    }

    /// Flips bytes that are not zero, always the same ones.
    func flip(_ count: Int, in range: Range<Int>, seed: UInt64) throws {
        var random = seed
        func next() -> UInt64 {
            // SplitMix64.
            random &+= 0x9E37_79B9_7F4A_7C15
            var mixed = random
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
        let content = try read(range.lowerBound, range.count)
        let places = content.indices.filter { content[$0] != 0 }
        for _ in 0..<count {
            let place = places[Int(next() % UInt64(places.count))]
            try patch(range.lowerBound + place, [UInt8(truncatingIfNeeded: next())])
        }
    }
}

extension [UInt8] {
    /// Where `needle` begins, each time.
    func places(of needle: [UInt8]) -> [Int] {
        let data = Data(self)
        var found: [Int] = []
        var start = 0
        while let place = data.range(of: Data(needle), in: start..<count) {
            found.append(place.lowerBound)
            start = place.upperBound
        }
        return found
    }
}
