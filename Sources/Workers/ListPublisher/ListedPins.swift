// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Logging

/// Hands the blobs of a publication over from its way through the pipeline to the list.
///
/// What a list needs is pinned under an owner of its own, `listed-<publication>`, until a later
/// version replaces the entry; the publication's own pins end with its way. Repeating it does no
/// harm, and a crash in between leaves pins too many, never too few.
struct ListedPins {
    let store: BlobStore
    let logger: Logger

    static func owner(_ publication: String) -> String { "listed-\(publication)" }

    /// - Parameter removed: the entries that this one's commit replaced.
    func handOver(_ event: Event, removed: [UpdatedList.Entry]) {
        do {
            let blobs = [
                try event.section(Fetched.self).blob,
                try event.section(SignedMetadata.self).document,
            ]
            for blob in blobs { try store.pin(blob, for: Self.owner(event.publication)) }
            try store.release(publication: event.publication)
            for entry in removed {
                try store.release(publication: Self.owner(entry.publication))
            }
        } catch {
            // The list stands and has to be announced, whatever the store says; its pins of the
            // publication stay, so nothing is collected that is needed.
            logger.warning("could not hand pins over to the list", error: error)
        }
    }
}
