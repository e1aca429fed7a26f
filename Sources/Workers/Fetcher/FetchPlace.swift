// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Pipeline
import Transfer

/// The names in the store's partial area that belong to one event: the same for each delivery,
/// each process and each machine. No two events share them: the recorded result of one must never
/// meet the bytes of the other.
struct FetchPlace {
    let image: String
    let lock: String
    /// See ``FetchRecord``. Named by the event: what is emitted must be the same for each of its
    /// deliveries.
    let record: String
    private let store: BlobStore
    private let key: String

    init(_ event: Event, url: String, store: BlobStore) {
        self.store = store
        key = DerivedIdentifier.uuid(name: "fetch\n\(event.publication)\n\(event.id)\n\(url)")
        image = store.partialPath("image-\(key)")
        lock = store.partialPath("lock-\(key)")
        record = store.partialPath(
            "fetched-\(DerivedIdentifier.uuid(name: "fetched\n\(event.id)\n\(key)"))")
    }

    func checksumFile(_ index: Int) -> String { store.partialPath("sums-\(key)-\(index)") }

    func signature(_ index: Int) -> String { store.partialPath("signature-\(key)-\(index)") }

    /// A file that a modification uploads into the image.
    func upload(_ index: Int) -> String { store.partialPath("upload-\(key)-\(index)") }

    /// Removes what is of no use once the result is recorded and the image is in the store.
    func clean(checksumFileCount: Int, uploadCount: Int) {
        Download.discard(image)
        for index in 0..<uploadCount { Download.discard(upload(index)) }
        for index in 0..<checksumFileCount {
            Download.discard(checksumFile(index))
            Download.discard(signature(index))
        }
    }
}
