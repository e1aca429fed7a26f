// SPDX-License-Identifier: Apache-2.0
import Events
import Files
import Programs
import Signatures
import Threads

/// An image file of this machine, made readable for programs that know nothing of compression.
struct LocalImage: Sendable {
    /// Of the image without its compression.
    let path: String
    /// Of the file as it is.
    let file: FourDigests
    /// Of the image without its compression.
    let image: FourDigests
    /// Removed with the last reference.
    private let spool: SpoolFile<ProgramsError>?
    private let folder: PrivateDirectory?

    /// Reads the file once, and decompresses a compressed one into a private one in `TMPDIR`.
    ///
    /// - Parameter bytesMax: the largest image without its compression.
    init(opening path: String, bytesMax: Int) async throws {
        self = try await OwnThread.run { () throws -> LocalImage in
            guard try ImageContent.compression(of: path) != nil else {
                let content = try ImageContent(path: path, compression: CompressionKind.none)
                return LocalImage(path: path, file: content.digests, image: content.digests)
            }
            do {
                return try LocalImage(decompressing: path, bytesMax: bytesMax)
            } catch let error as ProgramsError {
                throw CommandFailure(.unavailable, "\(path) cannot be decompressed: \(error)")
            }
        }
    }

    /// Blocks.
    private init(decompressing path: String, bytesMax: Int) throws {
        let folder = try PrivateDirectory()
        let spool = try SpoolFile<ProgramsError>(path: folder.file("image"))
        let file = DigestPool()
        let content = try unsafe ImageContent(
            path: path, compression: nil, bytesMax: bytesMax,
            uncompressed: { piece in unsafe spool.take(piece) },
            file: { piece in
                try spool.check()
                unsafe file.update(piece)
            })
        try spool.finish()
        self.init(
            path: spool.path, file: file.finish(), image: content.digests, spool: spool,
            folder: folder)
    }

    private init(
        path: String, file: FourDigests, image: FourDigests,
        spool: SpoolFile<ProgramsError>? = nil, folder: PrivateDirectory? = nil
    ) {
        self.path = path
        self.file = file
        self.image = image
        self.spool = spool
        self.folder = folder
    }
}
