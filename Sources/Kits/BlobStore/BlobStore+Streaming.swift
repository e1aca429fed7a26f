// SPDX-License-Identifier: Apache-2.0
public import Events
internal import Files
internal import Glibc
internal import Threads

extension BlobStore {
    /// Most bytes that ``stream(_:to:)`` gives at once.
    public static let pieceBytes = 1 << 18

    /// Reads a blob's bytes in order, piece by piece. Its length is checked, its digest is not.
    ///
    /// - Parameter consumer: called on a thread of the store's, where it may block; the buffer is
    ///   valid during the call only. What it throws ends the reading and is thrown on.
    /// - Throws: ``BlobStoreError`` too.
    public func stream(
        _ blob: BlobReference,
        to consumer: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await OwnThread.run { () throws -> Void in
            let file = try withBlob(blob) { path throws(BlobStoreError) in
                try StoreFile.open(path, O_RDONLY)
            }
            defer { close(file) }
            var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
            var size = 0
            while true {
                let count = unsafe Glibc.read(file, &piece, piece.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw StoreFile.failure("reading", blob.sha256) }
                if count == 0 { break }
                size += count
                guard size <= blob.size else { break }
                try unsafe piece.withUnsafeBytes {
                    unsafe try consumer(UnsafeRawBufferPointer(rebasing: $0[..<count]))
                }
            }
            guard size == blob.size else {
                throw BlobStoreError.wrongSize(
                    sha256: blob.sha256, expected: blob.size, found: size)
            }
        }
    }
}
