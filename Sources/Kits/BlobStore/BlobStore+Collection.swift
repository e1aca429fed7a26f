// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Files
internal import Threads

extension BlobStore {
    /// Files in `tmp/` and `partial/` younger than this are somebody's work, whatever the grace
    /// time says.
    static let leftoverSecondsMin = 3600

    /// Deletes blobs that no publication has pinned and no record names, in two steps, and what
    /// crashes left behind. Records of publications that ended more than 400 days ago go first.
    ///
    /// Safe beside writers and other collections, because a writer pins first and looks for the
    /// blob afterwards, while a collection moves the blob away first and looks for pins
    /// afterwards. So one of the two always sees the other:
    ///
    /// 1. An unpinned blob older than the grace time is renamed to `trash/`. Whoever needs it from
    ///    now on finds it missing and writes it anew, or puts it back from there.
    /// 2. The pins are read again; what has got one meanwhile is put back.
    /// 3. What has been in `trash/` for the settling time, unpinned still, is deleted. By then no
    ///    machine's cache of the shared file system shows it in its old place, nor hides a pin.
    ///
    /// A collection that dies between two steps is completed by the next one.
    ///
    /// - Parameters:
    ///   - grace: age since a blob was stored or last pinned, or a leftover last written;
    ///     a leftover stays for an hour at least.
    ///   - settling: time between moving a blob away and deleting it. Longer than the attribute
    ///     cache of a network file system (60 s by default); zero when one machine has the store.
    ///   - dryRun: only reports what would be done now.
    public func gc(
        olderThan grace: Duration = .seconds(86_400), settling: Duration = .seconds(600),
        dryRun: Bool = false
    ) async throws(BlobStoreError) -> StoreCollection {
        try await OwnThread.run { () throws(BlobStoreError) -> StoreCollection in
            var report = StoreCollection()
            let now = try clock()
            try removeRecords(now: now, dryRun: dryRun, report: &report)
            try setAside(before: now - seconds(grace), dryRun: dryRun, report: &report)
            try emptyTrash(settling: seconds(settling), dryRun: dryRun, report: &report)
            for folder in ["tmp", "partial"] {
                let age = max(seconds(grace), Self.leftoverSecondsMin)
                try removeLeftovers(
                    in: folder, before: now - age, dryRun: dryRun, report: &report)
            }
            return report
        }
    }

    /// Step 1.
    private func setAside(
        before limit: Int, dryRun: Bool, report: inout StoreCollection
    ) throws(BlobStoreError) {
        let pinned = try pinnedDigests()
        for path in try blobPlaces() {
            let sha256 = StoreName.last(of: path)
            // What cannot be looked at, or has just gone, is left alone: here and below.
            guard Digests.isHex(sha256, digits: 64), let status = try? StoreFile.status(path)
            else { continue }
            guard !pinned.contains(sha256), status.modified <= limit else {
                report.kept += 1
                continue
            }
            let isMoved =
                dryRun ? true : try StoreFile.renameIfPresent(path, to: trash(sha256))
            if isMoved { report.setAside.append(.init(name: sha256, size: status.size)) }
        }
    }

    /// Steps 2 and 3.
    private func emptyTrash(
        settling: Int, dryRun: Bool, report: inout StoreCollection
    ) throws(BlobStoreError) {
        let pinned = try pinnedDigests()
        let limit = try clock() - settling
        for sha256 in try StoreFile.names(in: "\(directory)/trash").sorted() {
            guard let status = try? StoreFile.status(trash(sha256)) else { continue }
            if pinned.contains(sha256) {
                if !dryRun { try putBack(sha256) }
                report.restored.append(sha256)
                report.setAside.removeAll { $0.name == sha256 }
            } else if status.changed <= limit {
                if !dryRun { try StoreFile.remove(trash(sha256)) }
                report.deleted.append(.init(name: sha256, size: status.size))
                report.setAside.removeAll { $0.name == sha256 }
            }
        }
    }

    /// A blob that was stored anew meanwhile has the same bytes, so replacing it is no harm.
    private func putBack(_ sha256: String) throws(BlobStoreError) {
        let target = place(ofDigest: sha256)
        guard try StoreFile.renameIfPresent(trash(sha256), to: target) else { return }
        StoreFile.touch(target)
        try StoreFile.synchroniseDirectory(StoreName.parent(of: target))
    }

    private func removeLeftovers(
        in folder: String, before limit: Int, dryRun: Bool, report: inout StoreCollection
    ) throws(BlobStoreError) {
        for name in try StoreFile.names(in: "\(directory)/\(folder)").sorted() {
            let path = "\(directory)/\(folder)/\(name)"
            guard let status = try? StoreFile.status(path), status.modified <= limit
            else { continue }
            if !dryRun { try StoreFile.remove(path) }
            report.leftovers.append(.init(name: "\(folder)/\(name)", size: status.size))
        }
    }

    /// What pins, or records, keep.
    private func pinnedDigests() throws(BlobStoreError) -> Set<String> {
        var pinned = try recordedDigests()
        for publication in try publications() {
            pinned.formUnion(try StoreFile.names(in: "\(directory)/pins/\(publication)"))
        }
        return pinned
    }

    private func trash(_ sha256: String) -> String { "\(directory)/trash/\(sha256)" }

    /// Seconds since 1970 by the clock of the file system, which dates the blobs.
    private func clock() throws(BlobStoreError) -> Int {
        let path = "\(directory)/tmp/\(StoreName.random())"
        try StoreFile.create(path, holding: [], mode: StoreLayout.blobMode)
        let now = try StoreFile.status(path)?.changed
        try StoreFile.remove(path)
        guard let now else { throw .missing(sha256: path) }
        return now
    }

    private func seconds(_ duration: Duration) -> Int {
        Int(clamping: max(duration.components.seconds, 0))
    }
}
