// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import GRDB

/// A valid document whose endorser has not confirmed it yet.
struct PendingUpload: Sendable, Hashable {
    /// Names it in links; unguessable.
    var token: String
    /// Its mail went out.
    var isMailed: Bool
}

extension Catalogue {
    static let pendingDaysMax = 30
    static let pendingMax = 10_000

    /// Keeps `document` until it is confirmed, aborted or ``pendingDaysMax`` old. A document that
    /// is there already keeps its token.
    ///
    /// - Returns: nil when too many are pending.
    func addPending(
        _ document: [UInt8], sha256: String, token: String, now: Timestamp
    ) async throws -> PendingUpload? {
        try await pool.write { db in
            try db.execute(
                sql: "DELETE FROM pending WHERE received_seconds < ?",
                arguments: [now.adding(days: -Self.pendingDaysMax).seconds])
            if let row = try Row.fetchOne(
                db, sql: "SELECT token, mailed FROM pending WHERE sha256 = ?", arguments: [sha256])
            {
                return PendingUpload(token: row["token"], isMailed: row["mailed"])
            }
            let count = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM pending") ?? 0
            guard count < Self.pendingMax else { return nil }
            try db.execute(
                sql: "INSERT INTO pending (token, sha256, received_seconds, mailed, document) "
                    + "VALUES (?, ?, ?, 0, ?)",
                arguments: [token, sha256, now.seconds, Blob(document)])
            return PendingUpload(token: token, isMailed: false)
        }
    }

    func markMailed(token: String) async throws {
        try await pool.write {
            try $0.execute(sql: "UPDATE pending SET mailed = 1 WHERE token = ?", arguments: [token])
        }
    }

    func pendingDocument(token: String) async throws -> [UInt8]? {
        try await pool.read {
            try Blob.fetchOne(
                $0, sql: "SELECT document FROM pending WHERE token = ?", arguments: [token])?.bytes
        }
    }

    func removePending(token: String) async throws {
        try await pool.write {
            try $0.execute(sql: "DELETE FROM pending WHERE token = ?", arguments: [token])
        }
    }

    /// Adds the entry and forgets that it was pending, both or neither.
    func confirm(_ entry: Entry, document: [UInt8], token: String) async throws -> Addition {
        try await pool.write { db in
            try db.execute(sql: "DELETE FROM pending WHERE token = ?", arguments: [token])
            return try Self.add(entry, document: document, in: db)
        }
    }
}
