// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Files
import FoundationEssentials
import Threads
import Transfer

/// The finished result of an event, kept beside the download.
///
/// It is written before the file becomes a blob. So a crash at any later moment, such as before
/// the event is published, leads to the same result without a second download, even if the source
/// has changed meanwhile: an event's output carries an identity that follows from its input, and
/// two contents under one identity would contradict each other downstream. Only when the store's
/// collection has removed the blob is the source asked again.
struct FetchRecord {
    private let place: FetchPlace
    private let store: BlobStore
    private let publication: String

    private static let bytesMax = 1 << 20

    init(_ place: FetchPlace, _ store: BlobStore, publication: String) {
        self.place = place
        self.store = store
        self.publication = publication
    }

    /// The recorded result with all its blobs in the store; nil when there is none.
    func load() async throws -> Fetched? {
        guard let data = try? Data(contentsOf: URL(filePath: place.record)),
            data.count <= Self.bytesMax,
            let fetched = try? JSONDecoder().decode(Fetched.self, from: data)
        else { return nil }
        do throws(BlobStoreError) {
            for file in fetched.checksumFiles {
                try store.pin(file.blob, for: publication)
                if let signature = file.signature { try store.pin(signature, for: publication) }
            }
            for file in fetched.files ?? [] { try store.pin(file.blob, for: publication) }
            try await adopt(fetched)
            return fetched
        } catch {
            switch error {
            case .missing, .wrongSize:
                // From here on it would vouch for bytes that are downloaded anew.
                try? FileManager.default.removeItem(atPath: place.record)
                return nil
            default: throw error
            }
        }
    }

    func store(_ fetched: Fetched) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let bytes = Array(try encoder.encode(fetched))
        try await OwnThread.run { [path = place.record] in
            try LocalFile<TransferError>.replace(path, with: bytes)
        }
        try await adopt(fetched)
    }

    /// Moves the image into place, unless it is there.
    private func adopt(_ fetched: Fetched) async throws(BlobStoreError) {
        try await store.adopt(partial: place.image, as: fetched.blob, for: publication)
        place.clean(
            checksumFileCount: fetched.checksumFiles.count,
            uploadCount: fetched.files?.count ?? 0)
    }
}
