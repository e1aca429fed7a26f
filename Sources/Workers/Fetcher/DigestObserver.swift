// SPDX-License-Identifier: Apache-2.0
import Events
import Signatures
import Synchronization
import Threads
import Transfer

/// Computes the digest of a file while it arrives; its state survives a restart.
final class DigestObserver: DownloadObserver {
    private let digests = Mutex(DigestPool())

    func begin(offset: Int, state saved: [UInt8]) -> DownloadStart {
        digests.withLock { digests in
            digests = DigestPool()
            guard offset > 0 else { return .ready }
            guard let resumed = try? DigestPool(resuming: saved), resumed.finish().size == offset
            else { return .unusable }
            digests = resumed
            return .ready
        }
    }

    func replay(_ bytes: RawSpan) -> Bool { true }

    func receive(_ bytes: RawSpan) -> Bool {
        digests.withLock { digests in
            unsafe bytes.withUnsafeBytes { unsafe digests.update($0) }
        }
        return true
    }

    func checkpoint() -> [UInt8] { digests.withLock { $0.checkpoint() } }

    /// What has arrived. Waits for the digests, so it runs on a thread of its own.
    func finish() async -> BlobReference {
        await OwnThread.run { [self] in
            let found = digests.withLock { $0.finish() }
            return BlobReference(sha256: found.sha256, size: found.size)
        }
    }
}
