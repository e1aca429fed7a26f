// SPDX-License-Identifier: Apache-2.0
import BlobStore
public import Compression
import Events
import FoundationEssentials
public import Pipeline
import Threads

/// The image's bytes in the store, held against what the fetcher said about them.
struct StoredImage {
    var fetched: Fetched
    var store: BlobStore
    var structure: ImageStructure

    /// Looks at the image's structure, without computing digests where it is not compressed.
    ///
    /// - Throws: ``Refusal``, ``OutOfTime``, `BlobStoreError`, `ImageFileError`.
    func checkStructure(deadline: ContinuousClock.Instant) async throws {
        guard fetched.compression == .none else { return try await check(deadline: deadline) }
        let path = try store.path(of: fetched.blob)
        try await OwnThread.run { [structure] () throws in try structure.check(path: path) }
    }

    /// Reads the blob once, computes all digests, of the uncompressed image too, and looks at its
    /// structure.
    ///
    /// - Throws: ``Refusal``, ``OutOfTime``, `BlobStoreError`, `ImageFileError`.
    func check(deadline: ContinuousClock.Instant) async throws {
        let spool = ImageSpool(path: store.partialPath("probe-" + UUID().uuidString.lowercased()))
        do {
            try await unsafe store.check(fetched, uncompressed: { unsafe spool.take($0) }) {
                guard ContinuousClock.now < deadline else { throw OutOfTime() }
            }
        } catch let difference as StoredBytesDiffer {
            throw Refusal(difference)
        } catch let error as CompressionError where !error.isTransient {
            throw Refusal(
                "compression-invalid", "the image cannot be decompressed: \(error)",
                ["compression": fetched.compression.rawValue])
        }
        guard fetched.compression != .none else {
            return try await checkStructure(deadline: deadline)
        }
        try await OwnThread.run { [structure] () throws in try structure.check(spool) }
    }
}

/// The image could not be read within the event's time. Trying again may find a faster disk.
struct OutOfTime: Error, Disposed, CustomStringConvertible {
    var disposition: Disposition { .transient }
    var description: String { "the image could not be verified before the deadline" }
}

extension CompressionError: Disposed {
    public var disposition: Disposition { isTransient ? .transient : .permanent }
}
