// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Pipeline
import Signatures

/// Says in the artifact store that a list's serial was mailed: a small blob whose bytes follow
/// from list, serial and digest, pinned under an owner of its own.
struct MailMark {
    private let bytes: [UInt8]
    private let owner: String

    init(_ list: UpdatedList) {
        let text = "mailed \(list.name) \(list.serial) \(list.sha256)\n"
        bytes = Array(text.utf8)
        owner = DerivedIdentifier.uuid(name: text)
    }

    func isSet(in store: BlobStore) throws(BlobStoreError) -> Bool {
        let blob = BlobReference(sha256: Digest.hex(Digest.sha256(bytes)), size: bytes.count)
        do throws(BlobStoreError) {
            _ = try store.path(of: blob)
            return true
        } catch .missing {
            return false
        }
    }

    func set(in store: BlobStore) async throws(BlobStoreError) {
        _ = try await store.put(bytes, for: owner)
    }
}
