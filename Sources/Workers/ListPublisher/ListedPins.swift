// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import ImageLists
import Logging

/// Hands the blobs of a publication over from its way through the pipeline to the list.
///
/// What a list needs is pinned under an owner of its own, `listed-<publication>`, until another
/// version replaces the entry or it is withdrawn; the publication's own pins end with its way. A
/// renewal pins its document and leaves the image to the publication that listed it. Repeating it
/// does no harm, and a crash in between leaves pins too many, never too few.
struct ListedPins {
    let store: BlobStore
    let logger: Logger
    /// The list as it stands: only what is in it is pinned, whatever an event once did to it.
    let catalogue: ImageCatalogue
    private let kept: Set<String>

    init(store: BlobStore, logger: Logger, catalogue: ImageCatalogue) {
        self.store = store
        self.logger = logger
        self.catalogue = catalogue
        kept = catalogue.keptPublications
    }

    static func owner(_ publication: String) -> String { "listed-\(publication)" }

    /// - Parameter removed: the entries that this event's commit took out of the list.
    func handOver(_ event: Event, removed: [UpdatedList.Entry]) {
        do {
            if kept.contains(event.publication) {
                for blob in try Self.blobs(of: event) {
                    try store.pin(blob, for: Self.owner(event.publication))
                }
            }
            try store.release(publication: event.publication)
            let gone = removed.flatMap { catalogue.lineage(of: $0.publication) }
            for publication in Set(gone + [event.publication]).subtracting(kept) {
                try store.release(publication: Self.owner(publication))
            }
        } catch {
            // The list stands and has to be announced, whatever the store says; its pins of the
            // publication stay, so nothing is collected that is needed.
            logger.warning("could not hand pins over to the list", error: error)
        }
    }

    private static func blobs(of event: Event) throws -> [BlobReference] {
        let image = try event.sectionIfPresent(Modified.self)?.blob
        return [image, try event.section(SignedMetadata.self).document].compactMap(\.self)
    }
}
