// SPDX-License-Identifier: Apache-2.0
public import Events
internal import Files
internal import Glibc
public import Signatures
internal import Threads

extension BlobStore {
    /// Computes a blob's four digests from its stored bytes.
    ///
    /// - Throws: ``BlobStoreError/damaged(sha256:found:)`` when they are not the blob's bytes.
    public func digests(of blob: BlobReference) async throws(BlobStoreError) -> FourDigests {
        try await OwnThread.run { () throws(BlobStoreError) -> FourDigests in
            let found = try withBlob(blob) { path throws(BlobStoreError) in
                try StoreFile.withDescriptor(path, O_RDONLY) { file throws(BlobStoreError) in
                    do throws(DigestError) {
                        let pool = DigestPool()
                        try pool.update(readingFrom: file)
                        return pool.finish()
                    } catch {
                        throw error.asStoreError(path)
                    }
                }
            }
            guard found.size == blob.size else {
                throw .wrongSize(sha256: blob.sha256, expected: blob.size, found: found.size)
            }
            guard found.sha256 == blob.sha256 else {
                throw .damaged(sha256: blob.sha256, found: found.sha256)
            }
            return found
        }
    }

    /// Computes the digest of every blob and reports those that do not bear it as their name.
    ///
    /// Damage is a finding, not an error. Blobs that are collected meanwhile are passed over.
    ///
    /// - Parameters:
    ///   - quarantine: moves what is damaged to `quarantine/`, so that it can be fetched again.
    ///   - progress: called after each blob, on a thread of the store's.
    public func verify(
        quarantine: Bool = false,
        progress: @escaping @Sendable (StoreVerification.Progress) -> Void = { _ in }
    ) async throws(BlobStoreError) -> StoreVerification {
        try await OwnThread.run { () throws(BlobStoreError) -> StoreVerification in
            let places = try blobPlaces()
            var report = StoreVerification()
            for place in places {
                try verify(place, quarantine: quarantine, report: &report)
                progress(
                    StoreVerification.Progress(
                        blobs: report.blobs, blobsTotal: places.count, bytes: report.bytes))
            }
            return report
        }
    }

    /// Every entry below `blobs/`, sorted, also those that are no blobs.
    func blobPlaces() throws(BlobStoreError) -> [String] {
        var places: [String] = []
        for folder in try StoreFile.names(in: "\(directory)/blobs").sorted() {
            for name in try StoreFile.names(in: "\(directory)/blobs/\(folder)").sorted() {
                places.append("\(directory)/blobs/\(folder)/\(name)")
            }
        }
        return places
    }

    private func verify(
        _ path: String, quarantine: Bool, report: inout StoreVerification
    ) throws(BlobStoreError) {
        let name = StoreName.last(of: path)
        report.blobs += 1
        guard Digests.isHex(name, digits: 64), path == place(ofDigest: name) else {
            report.findings.append(.init(path: path, fault: .foreign))
            return
        }
        do throws(BlobStoreError) {
            let found = try StoreFile.withDescriptor(path, O_RDONLY) {
                file throws(BlobStoreError) in
                do throws(DigestError) {
                    return try Digest.sha256(readingFrom: file)
                } catch {
                    throw error.asStoreError(path)
                }
            }
            report.bytes += found.size
            guard found.hex != name else { return }
            report.findings.append(.init(path: path, fault: .damaged(found: found.hex)))
            if quarantine {
                _ = try StoreFile.renameIfPresent(path, to: "\(directory)/quarantine/\(name)")
            }
        } catch {
            if error.isAbsence { return }
            report.findings.append(.init(path: path, fault: .unreadable(error.description)))
        }
    }
}

extension DigestError {
    func asStoreError(_ path: String) -> BlobStoreError {
        switch self {
        case .unreadable(let code): .file(operation: "reading", name: path, code: code)
        case .invalidCheckpoint: .file(operation: "reading", name: path, code: EIO)
        }
    }
}
