// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import FoundationEssentials
import Pipeline

/// The finished result of an event, in the store.
///
/// It is written once the image is a blob and before the event is emitted. A crash before that
/// makes the image anew, which nobody notices; a crash after it, or a redelivery, gives the same
/// event. Only when the store's collection has removed the image is it made anew.
struct ModificationRecord {
    /// For the time of the work.
    let lock: String
    private let name: String
    private let store: BlobStore
    private let publication: String
    private let source: BlobReference

    private static let bytesMax = 1 << 20

    init(_ event: Event, _ facts: EventFacts, _ store: BlobStore) {
        let key = DerivedIdentifier.uuid(
            name: "modify\n\(event.publication)\n\(event.id)\n\(facts.fetched.blob.sha256)")
        lock = store.partialPath("lock-\(key)")
        name = "modified-\(key)"
        self.store = store
        publication = event.publication
        source = facts.fetched.blob
    }

    /// The recorded result with its image in the store; nil when there is none.
    func load() async throws -> Modified? {
        do throws(BlobStoreError) {
            guard let blob = try store.recorded(name, for: publication) else { return nil }
            let bytes = try await store.read(blob, bytesMax: Self.bytesMax)
            guard let modified = try? JSONDecoder().decode(Modified.self, from: Data(bytes)),
                modified.source == source
            else { return nil }
            try store.pin(modified.blob, for: publication)
            return modified
        } catch {
            switch error {
            case .missing, .wrongSize, .malformedReference: return nil
            default: throw error
            }
        }
    }

    func store(_ modified: Modified) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let blob = try await store.put(Array(try encoder.encode(modified)), for: publication)
        try await store.record(blob, as: name, for: publication)
    }
}
