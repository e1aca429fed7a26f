// SPDX-License-Identifier: Apache-2.0
public import Events
internal import Files
internal import Glibc
internal import Threads

/// Records: blobs to be found again by name long after the pipeline is done with them, such as the
/// lineage of a publication. One file each, `records/<owner>/<name>`, that holds a reference.
extension BlobStore {
    /// A record whose owner, and whose name, no publication's pins bear any more is dropped by
    /// ``gc(olderThan:settling:dryRun:)`` when it is older than this: 400 days, in seconds.
    static let recordSecondsMin = 400 * 86_400
    /// A SHA-256, a space, a number and a line end.
    private static let recordBytesMax = 96
    /// Records of one owner that are looked at.
    private static let recordMax = 4_096

    /// Notes a blob of the store under a name, in place of what the name stood for before. Durable
    /// when this returns. The record keeps the blob from being collected, also when the
    /// publication's pins are gone.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of `a-z 0-9 -`, such as `lineage`.
    ///   - publication: whose it is; the same characters.
    /// - Throws: ``BlobStoreError/missing(sha256:)`` when the store has no such blob.
    public func record(
        _ blob: BlobReference, as name: String, for publication: String
    ) async throws(BlobStoreError) {
        let target = try recordPath(name, publication)
        try await OwnThread.run { () throws(BlobStoreError) -> Void in
            guard blob.isWellFormed else { throw .malformedReference }
            let temporary = "\(directory)/tmp/\(StoreName.random())"
            try StoreFile.create(
                temporary, holding: Array("\(blob.sha256) \(blob.size)\n".utf8),
                mode: StoreLayout.blobMode)
            try moveRecord(temporary, to: target)
            // Looked up behind the note, as behind a pin: a collection sees one or the other.
            _ = try path(of: blob)
        }
    }

    /// What ``record(_:as:for:)`` noted; nil when there is no such record.
    ///
    /// - Throws: ``BlobStoreError/malformedReference`` for a record that cannot be read.
    public func recorded(
        _ name: String, for publication: String
    ) throws(BlobStoreError) -> BlobReference? {
        try readRecord(try recordPath(name, publication))
    }

    /// The names of a publication's records, sorted; at most 4096 of them.
    public func recordNames(for publication: String) throws(BlobStoreError) -> [String] {
        try StoreName.check(publication)
        let names = try StoreFile.names(in: "\(directory)/records/\(publication)")
        return Array(names.sorted().prefix(Self.recordMax))
    }

    // MARK: - For the collection

    /// The blobs that records keep.
    func recordedDigests() throws(BlobStoreError) -> Set<String> {
        var digests: Set<String> = []
        for path in try recordPlaces() {
            // One that is damaged keeps nothing; one that cannot be read stops the collection.
            do throws(BlobStoreError) {
                if let blob = try readRecord(path) { digests.insert(blob.sha256) }
            } catch .malformedReference {
                continue
            }
        }
        return digests
    }

    /// Removes the records that are old and whose publications have ended.
    func removeRecords(
        now: Int, dryRun: Bool, report: inout StoreCollection
    ) throws(BlobStoreError) {
        let owners = Set(try publications())
        for path in try recordPlaces() {
            let words = path.split(separator: "/").suffix(2).map(String.init)
            // What a list holds is pinned by `listed-` and the publication's name.
            let isAlive = words.contains { owners.contains($0) || owners.contains("listed-\($0)") }
            // One that is gone meanwhile needs no removing.
            guard !isAlive, let status = try? StoreFile.status(path),
                status.modified <= now - Self.recordSecondsMin
            else { continue }
            if !dryRun {
                try StoreFile.remove(path)
                try StoreFile.removeDirectory(StoreName.parent(of: path))
            }
            let name = words.joined(separator: "/")
            report.leftovers.append(.init(name: "records/\(name)", size: status.size))
        }
    }

    private func recordPlaces() throws(BlobStoreError) -> [String] {
        var places: [String] = []
        for owner in try StoreFile.names(in: "\(directory)/records").sorted() {
            for name in try StoreFile.names(in: "\(directory)/records/\(owner)").sorted() {
                places.append("\(directory)/records/\(owner)/\(name)")
            }
        }
        return places
    }

    // MARK: - Files

    private func recordPath(
        _ name: String, _ publication: String
    ) throws(BlobStoreError) -> String {
        try StoreName.check(name)
        try StoreName.check(publication)
        return "\(directory)/records/\(publication)/\(name)"
    }

    /// Stores of before there were records have no directory for them.
    private func moveRecord(_ temporary: String, to target: String) throws(BlobStoreError) {
        let root = "\(directory)/records"
        let folder = StoreName.parent(of: target)
        // A collection may remove the owner's directory between the two steps.
        for attempt in 1...StoreLayout.attemptMax {
            try StoreFile.makeDirectory(root, mode: StoreLayout.folderMode)
            try StoreFile.makeDirectory(folder, mode: StoreLayout.folderMode)
            do throws(BlobStoreError) {
                try StoreFile.rename(temporary, to: target)
                break
            } catch {
                guard error.isAbsence, attempt < StoreLayout.attemptMax else { throw error }
            }
        }
        for path in [folder, root, directory] { try StoreFile.synchroniseDirectory(path) }
    }

    private func readRecord(_ path: String) throws(BlobStoreError) -> BlobReference? {
        let bytes: [UInt8]
        do throws(BlobStoreError) {
            bytes = try StoreFile.read(path, bytesMax: Self.recordBytesMax)
        } catch {
            guard error.isAbsence else { throw error }
            return nil
        }
        let words = String(decoding: bytes, as: UTF8.self).split(
            separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[1].last == "\n", let size = Int(words[1].dropLast()) else {
            throw .malformedReference
        }
        let blob = BlobReference(sha256: String(words[0]), size: size)
        guard blob.isWellFormed else { throw .malformedReference }
        return blob
    }
}
