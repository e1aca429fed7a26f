// SPDX-License-Identifier: Apache-2.0
public import Events

/// One commit of a list, as its changelog tells it: all that is needed to announce it again.
public struct ChangelogBatch: Sendable, Hashable {
    /// One serial for each publication decided.
    public var serials: ClosedRange<Int>
    /// The latest request's time; never a clock's.
    public var time: Timestamp
    /// Lower-case hexadecimal SHA-256 of the list after this batch.
    public var sha256: String
    /// Length of the list in bytes after this batch.
    public var size: Int
    public var url: String?
    /// Sorted by name, as are the others.
    public var added: [UpdatedList.Entry]
    /// What the added ones replaced, and what was withdrawn.
    public var removed: [UpdatedList.Entry]
    public var superseded: [Superseded]
    /// When withdrawals and renewals of this batch were asked for, by publication.
    public var revised: [String: Timestamp]

    /// A publication that was never listed, as a later request under its name came first.
    public struct Superseded: Sendable, Hashable {
        public var entry: UpdatedList.Entry
        /// The publication that came first.
        public var by: String

        public init(entry: UpdatedList.Entry, by: String) {
            self.entry = entry
            self.by = by
        }
    }

    public init(
        serials: ClosedRange<Int>, time: Timestamp, sha256: String = "", size: Int = 0,
        url: String? = nil, added: [UpdatedList.Entry] = [], removed: [UpdatedList.Entry] = [],
        superseded: [Superseded] = [], revised: [String: Timestamp] = [:]
    ) {
        self.serials = serials
        self.time = time
        self.sha256 = sha256
        self.size = size
        self.url = url
        self.added = added
        self.removed = removed
        self.superseded = superseded
        self.revised = revised
    }

    /// True for an added entry that is there again with a renewed document.
    public func isRenewed(_ entry: UpdatedList.Entry) -> Bool { revised[entry.publication] != nil }

    /// `41` or `41-43`.
    public var serialText: String {
        serials.count == 1
            ? "\(serials.lowerBound)" : "\(serials.lowerBound)-\(serials.upperBound)"
    }

    /// The announcement of this batch: the same each time it is asked for. What is removed comes
    /// without its waivers, which nobody needs any more: events have a limit.
    public func announcement(list name: String, revision: String?) -> UpdatedList {
        let removed = removed.map { entry in
            var entry = entry
            entry.waivers = nil
            return entry
        }
        return UpdatedList(
            name: name, serial: serials.upperBound, sha256: sha256, size: size, url: url,
            revision: revision, added: added, removed: removed)
    }

    mutating func sort() {
        func precedes(_ left: UpdatedList.Entry, _ right: UpdatedList.Entry) -> Bool {
            left.name == right.name ? left.isOlder(than: right) : left.name < right.name
        }
        added.sort(by: precedes)
        removed.sort(by: precedes)
        superseded.sort { precedes($0.entry, $1.entry) }
    }
}
