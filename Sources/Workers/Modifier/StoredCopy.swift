// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Files
import Glibc
import Signatures
import Threads

/// A copy of a finished image on the store's file system, with holes where it has them; removed
/// with the last reference unless the store has taken it.
struct StoredCopy {
    private let spool: SpoolFile<ModifierError>

    private static let pieceBytes = 1 << 20

    init(to path: String) throws(ModifierError) {
        spool = try SpoolFile<ModifierError>(path: path)
    }

    /// Copies a file and computes its digests in the same pass, on a thread of its own.
    func take(_ path: String) async throws -> Fetched.Content {
        try await OwnThread.run { [spool] () throws(ModifierError) -> Fetched.Content in
            let digests = DigestPool()
            try LocalFile<ModifierError>.withDescriptor(path, O_RDONLY) {
                descriptor throws(ModifierError) in
                var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
                while true {
                    let count = unsafe read(descriptor, &piece, piece.count)
                    if count < 0, errno == EINTR { continue }
                    guard count >= 0 else {
                        throw LocalFile<ModifierError>.failure("reading", path)
                    }
                    if count == 0 { break }
                    unsafe piece.withUnsafeBytes {
                        let bytes = unsafe UnsafeRawBufferPointer(rebasing: $0[..<count])
                        unsafe digests.update(bytes)
                        unsafe spool.take(bytes)
                    }
                    try spool.check()
                }
            }
            try spool.finish()
            return Fetched.Content(digests.finish())
        }
    }
}
