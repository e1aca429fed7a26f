// SPDX-License-Identifier: Apache-2.0
import BlobStore
public import Compression
import Events
import Files
import FoundationEssentials
public import Pipeline

/// The image's bytes in the store, held against what the modifier said about them, and made
/// readable for programs that know nothing of compression.
struct StoredImage {
    var modified: Modified
    var store: BlobStore
    /// Compute all digests from the stored bytes instead of believing the event.
    var recomputes: Bool

    /// An uncompressed image file. One that had to be written is removed with the last reference.
    struct Readable: Sendable {
        var path: String
        fileprivate var spool: SpoolFile<BlobStoreError>?
    }

    /// An image that is not compressed is lent as it lies in the store, without a copy.
    ///
    /// - Throws: ``Refusal``, ``OutOfTime``, `BlobStoreError`.
    func readable(deadline: ContinuousClock.Instant) async throws -> Readable {
        guard modified.compression == .none else {
            return try await uncompressed(deadline: deadline)
        }
        if recomputes { try await check(nil, deadline: deadline) }
        return Readable(path: try store.path(of: modified.blob))
    }

    /// Its digests cost little beside the decompression, so they are always computed.
    private func uncompressed(deadline: ContinuousClock.Instant) async throws -> Readable {
        let name = "scan-" + UUID().uuidString.lowercased()
        let spool = try SpoolFile<BlobStoreError>(path: store.partialPath(name))
        do {
            try await check(spool, deadline: deadline)
        } catch let error as CompressionError where !error.isTransient {
            throw Refusal(
                "compression-invalid", "the image cannot be decompressed: \(error)",
                ["compression": modified.compression.rawValue])
        }
        try spool.finish()
        return Readable(path: spool.path, spool: spool)
    }

    private func check(
        _ spool: SpoolFile<BlobStoreError>?, deadline: ContinuousClock.Instant
    ) async throws {
        do {
            try await unsafe store.check(modified, uncompressed: { unsafe spool?.take($0) }) {
                try spool?.check()
                guard ContinuousClock.now < deadline else {
                    throw OutOfTime("the image could not be read before the event's deadline")
                }
            }
        } catch let difference as StoredBytesDiffer {
            throw Refusal(difference)
        }
    }
}

/// The event's time does not suffice. Trying again may find a machine with less to do.
struct OutOfTime: Error, Disposed, CustomStringConvertible {
    let disposition = Disposition.transient
    let description: String

    init(_ description: String) { self.description = description }
}

extension CompressionError: Disposed {
    public var disposition: Disposition { isTransient ? .transient : .permanent }
}
