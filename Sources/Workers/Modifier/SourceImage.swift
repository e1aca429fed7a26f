// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Compression
import Events
import Files
import Glibc
import ImageFile
import Programs
import Threads

/// The verified image's bytes, uncompressed, as a file that programs may read.
struct SourceImage {
    let path: String
    /// As a guest sees the disk, in bytes.
    let virtualSize: Int
    /// Keeps ``path`` there, when it is not the store's.
    private let spool: SpoolFile<ModifierError>?

    /// Reads the blob once, holds its digests against those of the event, and looks at its
    /// structure, before any other program opens it.
    ///
    /// - Parameter path: where it is unpacked to when it is compressed.
    /// - Throws: ``Refusal``, ``ModifierError``, `BlobStoreError`, `ImageFileError`.
    init(
        _ facts: EventFacts, store: BlobStore, unpackingTo path: String, diskSizeMax: Int,
        until end: ContinuousClock.Instant
    ) async throws {
        let fetched = facts.fetched
        let isCompressed = fetched.compression != .none
        let spool = isCompressed ? try SpoolFile<ModifierError>(path: path) : nil
        do {
            try await unsafe store.check(fetched, uncompressed: { unsafe spool?.take($0) }) {
                try spool?.check()
                guard ContinuousClock.now < end else { throw ModifierError.outOfTime }
            }
        } catch let difference as StoredBytesDiffer {
            throw Refusal(difference)
        } catch let error as CompressionError where !error.isTransient {
            throw Refusal("stored-bytes-differ", "the image cannot be decompressed: \(error)")
        }
        if let spool {
            try spool.finish()
            try Sandbox.hand(spool.path)
        }
        self.spool = spool
        self.path = try spool?.path ?? store.path(of: fetched.blob)
        virtualSize = try await Self.checkedSize(
            of: self.path, as: facts.request.source.format, diskSizeMax: diskSizeMax)
    }

    /// Looks at an image's structure and returns its disk's size.
    ///
    /// - Throws: ``Refusal`` for one that is not of this format or not safe to open.
    static func checkedSize(
        of path: String, as format: ImageRequest.Format, diskSizeMax: Int
    ) async throws -> Int {
        let limits = ImageLimits(virtualBytesMax: diskSizeMax, snapshotsMax: 0)
        let report = try await OwnThread.run { () throws -> ImageReport in
            let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else { throw ImageFileError.unreadable(code: errno) }
            defer { close(file) }
            return try ImageProbe.report(on: try FileBytes(descriptor: file), limits: limits)
        }
        guard report.format.rawValue == format.rawValue else {
            throw Refusal(
                "format-mismatch",
                "the image should be \(format.rawValue), but its bytes are"
                    + " \(report.format.rawValue)",
                ["expected": format.rawValue, "found": report.format.rawValue])
        }
        if let finding = report.findings.first {
            throw Refusal(
                "image-unsafe", "the image is not safe to open: \(finding.message)",
                ["check": finding.rule.rawValue, "format": report.format.rawValue])
        }
        return report.virtualSize
    }
}
