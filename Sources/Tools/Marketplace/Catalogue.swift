// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import FoundationEssentials
internal import GRDB

/// All entries, in an SQLite database.
///
/// Every change is one transaction, on disk before it is answered (write-ahead log with
/// `synchronous=FULL`, https://www.sqlite.org/pragma.html#pragma_synchronous), so neither a killed
/// process nor a lost machine takes back an acknowledged entry.
final class Catalogue: Sendable {
    let pool: DatabasePool

    static let busyTimeout = Duration.seconds(10)

    init(path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Double(Self.busyTimeout.components.seconds))
        configuration.label = "catalogue"
        pool = try DatabasePool(path: path, configuration: configuration)
        try Self.migrator.migrate(pool)
        // After the pool's own choice of NORMAL, which may lose the last transactions.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    }

    /// What came of adding an entry.
    enum Addition: Sendable, Hashable {
        case added
        /// The same document is there already.
        case present
        /// The image has a newer entry of this endorser.
        case olderThanLatest
        /// Another document has the same coordinates.
        case conflict
    }

    func add(_ entry: Entry, document: [UInt8]) async throws -> Addition {
        try await pool.write { try Self.add(entry, document: document, in: $0) }
    }

    /// What adding would come to, with `.added` for "nothing is in the way".
    func judge(_ entry: Entry, document: [UInt8]) async throws -> Addition {
        try await pool.read { try Self.judge(entry, document: document, in: $0) }
    }

    func document(at coordinates: Entry.Coordinates) async throws -> [UInt8]? {
        try await pool.read { try Self.document(at: coordinates, in: $0) }
    }

    func entry(at coordinates: Entry.Coordinates) async throws -> Entry? {
        let columns = Entry.columns.joined(separator: ", ")
        return try await pool.read {
            try Entry.fetchOne(
                $0,
                sql: "SELECT \(columns) FROM entry "
                    + "WHERE identifier = ? AND email = ? AND created = ?",
                arguments: [coordinates.identifier, coordinates.email, coordinates.created])
        }
    }

    /// True when the database answers.
    func isUsable() async -> Bool {
        (try? await pool.read { try Int.fetchOne($0, sql: "SELECT 1") }) == 1
    }

    /// Finishes running transactions and closes the files.
    func close() throws { try pool.close() }

    static func add(_ entry: Entry, document: [UInt8], in db: Database) throws -> Addition {
        let verdict = try judge(entry, document: document, in: db)
        guard verdict == .added else { return verdict }
        let columns = (Entry.columns + ["document"]).joined(separator: ", ")
        let marks = Array(repeating: "?", count: Entry.columns.count + 1).joined(separator: ", ")
        try db.execute(
            sql: "INSERT INTO entry (\(columns)) VALUES (\(marks))",
            arguments: StatementArguments(entry.values + [Blob(document)]))
        return .added
    }

    private static func judge(
        _ entry: Entry, document: [UInt8], in db: Database
    ) throws -> Addition {
        let coordinates = entry.coordinates
        let latest = try Int64.fetchOne(
            db, sql: "SELECT MAX(created_seconds) FROM entry WHERE identifier = ? AND email = ?",
            arguments: [coordinates.identifier, coordinates.email])
        if let latest, entry.created.seconds < latest { return .olderThanLatest }
        guard let present = try Self.document(at: coordinates, in: db) else { return .added }
        return present == document ? .present : .conflict
    }

    private static func document(
        at coordinates: Entry.Coordinates, in db: Database
    ) throws -> [UInt8]? {
        try Blob.fetchOne(
            db,
            sql: "SELECT document FROM entry WHERE identifier = ? AND email = ? AND created = ?",
            arguments: [coordinates.identifier, coordinates.email, coordinates.created])?.bytes
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("entries") { db in
            let facts = Entry.Fact.allCases.map { "\($0.rawValue) TEXT" }.joined(separator: ", ")
            try db.execute(
                sql: """
                    CREATE TABLE entry (
                        id INTEGER PRIMARY KEY,
                        identifier TEXT NOT NULL, email TEXT NOT NULL, created TEXT NOT NULL,
                        created_seconds INTEGER NOT NULL, valid_seconds INTEGER, deprecated TEXT,
                        locations TEXT NOT NULL, subject TEXT NOT NULL, issuer TEXT NOT NULL,
                        \(facts), document BLOB NOT NULL,
                        UNIQUE (identifier, email, created));
                    CREATE INDEX entry_latest ON entry (identifier, email, created_seconds);
                    CREATE INDEX entry_email ON entry (email, created_seconds);
                    CREATE TABLE pending (
                        token TEXT PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE,
                        received_seconds INTEGER NOT NULL, mailed INTEGER NOT NULL,
                        document BLOB NOT NULL);
                    """)
        }
        return migrator
    }
}

/// Bytes in a column.
struct Blob: DatabaseValueConvertible, Sendable {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var databaseValue: DatabaseValue { Data(bytes).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> Blob? {
        Data.fromDatabaseValue(value).map { Blob(Array($0)) }
    }
}
