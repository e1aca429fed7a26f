// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import FoundationEssentials

/// A small file in the store: this document was sent, and its endorser asked, at that time.
///
/// Losing it does no harm but another mail.
struct ConfirmationNote {
    private let path: String

    init(for document: BlobReference, in store: BlobStore) {
        path = store.partialPath("confirmation-\(document.sha256.prefix(48))")
    }

    func read() -> Timestamp? {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 40 else {
            return nil
        }
        return Timestamp(String(decoding: data, as: UTF8.self))
    }

    func write(_ time: Timestamp) throws {
        try Data(time.description.utf8).write(to: URL(filePath: path), options: .atomic)
    }

    /// Says to the store's collection that the note is still somebody's work. Best effort.
    func keep() {
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The next rung of the retry ladder to look again, so that a fortnight has fewer looks than
    /// the runtime allows yields.
    static func pause(after waited: Duration) -> Duration {
        switch waited {
        case ..<Duration.seconds(600): .seconds(10)
        case ..<Duration.seconds(7200): .seconds(60)
        case ..<Duration.seconds(86_400): .seconds(600)
        default: .seconds(3600)
        }
    }
}
