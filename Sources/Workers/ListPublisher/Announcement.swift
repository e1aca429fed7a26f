// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Pipeline

/// The `list.updated` event of a batch.
enum Announcement {
    /// Equal in id and data for every delivery of every publication of the batch: both follow
    /// from the batch alone, not from the event that happens to lead to it.
    static func event(_ batch: ChangelogBatch, list: String, revision: String?) throws -> Event {
        let section = batch.announcement(list: list, revision: revision)
        return Event(
            id: DerivedIdentifier.event(
                from: "\(list)\n\(section.serial)\n\(section.sha256)", type: .listUpdated),
            source: Stage.listPublisher.source, type: .listUpdated, subject: list, time: .now,
            publication: batch.added.first?.publication ?? batch.removed.first?.withdrawnBy ?? "",
            data: [UpdatedList.key: try EventCoding.value(of: section)])
    }

    /// Room for a revision's name, which is known only after the commit.
    private static let revisionPlaceholder = String(repeating: "0", count: 64)

    /// Stages behind add their sections to the event's data, which has a limit.
    private static let reservedBytes = 8_192

    static func fits(_ batch: ChangelogBatch, list: String) -> Bool {
        guard let event = try? event(batch, list: list, revision: revisionPlaceholder),
            let bytes = try? event.encoded()
        else { return false }
        return bytes.count <= Event.bytesMax - reservedBytes
    }
}
