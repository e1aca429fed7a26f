// SPDX-License-Identifier: Apache-2.0

/// What ``BlobStore/gc(olderThan:settling:dryRun:)`` did, or would do.
public struct StoreCollection: Sendable, Hashable {
    /// Deleted for good.
    public var deleted: [Item] = []
    /// Moved to `trash/`, for a later run to delete.
    public var setAside: [Item] = []
    /// Put back from `trash/` because they were pinned meanwhile: their SHA-256.
    public var restored: [String] = []
    /// Old files removed from `tmp/`, `partial/` and `records/`, such as `tmp/3fa…`.
    public var leftovers: [Item] = []
    /// Blobs that stay, because they are pinned or young.
    public var kept = 0

    public init() {}

    public struct Item: Sendable, Hashable {
        /// A blob's SHA-256, or a leftover's path in the store.
        public var name: String
        /// Bytes.
        public var size: Int

        public init(name: String, size: Int) {
            self.name = name
            self.size = size
        }
    }
}
