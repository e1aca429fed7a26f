// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import FoundationEssentials
internal import GRDB

extension Catalogue {
    /// Entries that a listing found.
    struct Found: Sendable, Hashable {
        var ids: [Int64]
        /// Latest entries of the listing's status, without any other filter.
        var total: Int
        /// Entries that match, on all pages.
        var matching: Int
    }

    /// How many rows are read at once, so that a long listing needs little memory.
    static let batchMax = 50

    func find(_ listing: Listing, now: Timestamp) async throws -> Found {
        let statement = ListingStatement(listing, now: now)
        var unfiltered = Listing()
        unfiltered.status = listing.status
        let total = ListingStatement(unfiltered, now: now)
        return try await pool.read { db in
            Found(
                ids: try statement.ids(db), total: try total.count(db),
                matching: try statement.count(db))
        }
    }

    /// The entries `ids`, in that order.
    func entries(_ ids: [Int64]) async throws -> [Entry] {
        let columns = Entry.columns.joined(separator: ", ")
        return try await pool.read { db in
            try ids.compactMap {
                try Entry.fetchOne(
                    db, sql: "SELECT \(columns) FROM entry WHERE id = ?", arguments: [$0])
            }
        }
    }

    func documents(_ ids: [Int64]) async throws -> [[UInt8]] {
        try await pool.read { db in
            try ids.compactMap {
                try Blob.fetchOne(
                    db, sql: "SELECT document FROM entry WHERE id = ?", arguments: [$0])?.bytes
            }
        }
    }

    /// Calls `body` with `ids` in batches.
    static func inBatches(
        _ ids: [Int64], _ body: ([Int64]) async throws -> Void
    ) async rethrows {
        for start in stride(from: 0, to: ids.count, by: batchMax) {
            try await body(Array(ids[start..<min(start + batchMax, ids.count)]))
        }
    }

    /// The newest entry with that tag by that endorser.
    func latest(tag: String, email: String) async throws -> Entry.Coordinates? {
        let columns = Entry.columns.joined(separator: ", ")
        return try await pool.read {
            try Entry.fetchOne(
                $0,
                sql: "SELECT \(columns) FROM entry WHERE tag = ? AND email = ? "
                    + "ORDER BY created_seconds DESC, id DESC LIMIT 1",
                arguments: [tag, email])?.coordinates
        }
    }

    // MARK: Endorsers

    /// Rows of a result, by variable; absent values are unbound.
    typealias Bindings = [[String: String]]

    static let endorserRowsMax = 10_000

    func endorsers() async throws -> Bindings {
        try await bindings(
            ["email", "subject", "issuer"],
            sql: "SELECT DISTINCT email, subject, issuer FROM entry ORDER BY email")
    }

    /// What `email` endorsed since `since`.
    func history(email: String, since: Timestamp) async throws -> Bindings {
        try await bindings(
            ["identifier", "created", "description", "location", "deprecated", "email"],
            sql: "SELECT identifier, created, description, NULLIF(locations, '') AS location, "
                + "deprecated, email FROM entry WHERE email = ? AND created_seconds > ? "
                + "ORDER BY created_seconds DESC",
            arguments: [email, since.seconds])
    }

    /// The tags of `email`, each with its newest entry.
    func tags(email: String) async throws -> Bindings {
        try await bindings(
            ["tag", "identifier", "created"],
            sql: "SELECT tag, identifier, created, MAX(created_seconds) FROM entry "
                + "WHERE email = ? AND tag IS NOT NULL AND tag <> '' GROUP BY tag ORDER BY tag",
            arguments: [email])
    }

    private func bindings(
        _ names: [String], sql: String, arguments: StatementArguments = []
    ) async throws -> Bindings {
        try await pool.read { db in
            try Row.fetchAll(db, sql: "\(sql) LIMIT \(Self.endorserRowsMax)", arguments: arguments)
                .map { row in
                    var binding: [String: String] = [:]
                    for name in names { binding[name] = row[name] as String? }
                    return binding
                }
        }
    }
}
