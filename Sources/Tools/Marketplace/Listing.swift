// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import GRDB

/// What a listing is asked for: the path's and query's filters, and the paging, sorting and
/// searching parameters of DataTables 1.9 (https://legacy.datatables.net/usage/server-side).
struct Listing: Sendable, Hashable {
    var identifier: String?
    var email: String?
    var created: String?
    var status = Status.valid
    var access = Access.all
    var page: Page?
    /// Words that must all occur, each in any column.
    var words: [String] = []
    /// Texts that must occur in the column of that index, 1 to 5.
    var columnWords: [Int: String] = [:]
    var echo = 0

    enum Status: String, Sendable, Hashable, CaseIterable {
        case valid, expired, deprecated, all
    }

    enum Access: String, Sendable, Hashable, CaseIterable {
        case all, web, pdisk
    }

    struct Page: Sendable, Hashable {
        var start: Int
        var length: Int
        /// Index of a column of ``columns``.
        var sortColumn = createdColumn
        var descending = false
    }

    /// Columns by DataTables index; 0 is a control on the page.
    static let columns = [
        "", "os", "os_version", "arch", "email", "kind", "created", "identifier", "locations",
        "description", "title",
    ]
    static let createdColumn = 6
    static let searchableColumns = 1...5
    static let pageLengthMax = 1000
    static let wordsMax = 16

    /// True when the caller named an image, endorser or date: nothing found is then an error.
    var hasFilter: Bool { identifier != nil || email != nil || created != nil }
}

extension Listing {
    /// - Parameters:
    ///   - arguments: the path's components after `metadata`, of any kind in any order.
    ///   - fields: the query, or the form that was posted.
    init(arguments: [String], fields: [String: String]) {
        for argument in arguments { take(argument) }
        for name in ["identifier", "email", "created"] {
            if let value = fields[name], !value.isEmpty { take(value, as: name) }
        }
        status = fields["status"].map { Status(rawValue: $0) ?? .all } ?? .valid
        access = fields["location"].flatMap(Access.init) ?? .all
        page = Self.page(fields)
        words = (fields["sSearch"] ?? "").split(separator: " ").prefix(Self.wordsMax)
            .map(String.init)
        for index in Self.searchableColumns {
            if let word = fields["sSearch_\(index)"], !word.isEmpty { columnWords[index] = word }
        }
        echo = fields["sEcho"].flatMap(Int.init) ?? 0
    }

    /// Whether `text` is an e-mail address, a date or, else, an identifier.
    private mutating func take(_ text: String) {
        if text.contains("@") {
            take(text, as: "email")
        } else if text.contains(":"), Timestamp(text) != nil {
            take(text, as: "created")
        } else {
            take(text, as: "identifier")
        }
    }

    private mutating func take(_ text: String, as name: String) {
        switch name {
        // A bare + in a query is a space once decoded; an address has none.
        case "email":
            email = text.split(separator: " ", omittingEmptySubsequences: false)
                .joined(separator: "+")
        case "created": created = text
        default: identifier = text
        }
    }

    private static func page(_ fields: [String: String]) -> Page? {
        guard let start = fields["iDisplayStart"].flatMap(Int.init), start >= 0,
            let length = fields["iDisplayLength"].flatMap(Int.init), length >= 0
        else { return nil }
        var page = Page(start: start, length: min(length, pageLengthMax))
        if let column = fields["iSortCol_0"].flatMap(Int.init), (1..<columns.count) ~= column {
            page.sortColumn = column
        }
        page.descending = fields["sSortDir_0"]?.lowercased() == "desc"
        return page
    }
}

/// A listing as SQL.
struct ListingStatement: Sendable {
    private var conditions: [String] = []
    private var arguments: [any DatabaseValueConvertible & Sendable] = []
    private let page: Listing.Page?

    init(_ listing: Listing, now: Timestamp) {
        page = listing.page
        for (column, value) in [
            ("identifier", listing.identifier), ("email", listing.email),
            ("created", listing.created),
        ] {
            if let value { add("\(column) = ?", value) }
        }
        if listing.created == nil { addLatest() }
        addStatus(listing.status, now: now)
        addAccess(listing.access)
        for word in listing.words {
            let columns = Listing.columns.dropFirst()
            let any = columns.map { "\($0) LIKE ? ESCAPE '\\'" }.joined(separator: " OR ")
            add("(\(any))", columns.map { _ in Self.pattern(word) })
        }
        for (index, word) in listing.columnWords.sorted(by: { $0.key < $1.key }) {
            add("\(Listing.columns[index]) LIKE ? ESCAPE '\\'", Self.pattern(word))
        }
    }

    /// Row ids of the page, in its order; the newest first when no page is asked for.
    func ids(_ db: Database) throws -> [Int64] {
        var sql = "SELECT id FROM entry AS e\(filter) ORDER BY "
        var all = arguments
        if let page {
            let direction = page.descending ? "DESC" : "ASC"
            sql += "\(Listing.columns[page.sortColumn]) \(direction), id LIMIT ? OFFSET ?"
            all += [page.length, page.start]
        } else {
            sql += "created_seconds DESC, id DESC"
        }
        return try Int64.fetchAll(db, sql: sql, arguments: StatementArguments(all))
    }

    func count(_ db: Database) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT COUNT(*) FROM entry AS e\(filter)",
            arguments: StatementArguments(arguments)) ?? 0
    }

    private var filter: String {
        conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    }

    private mutating func add(_ condition: String, _ value: String) { add(condition, [value]) }

    private mutating func add(
        _ condition: String, _ values: [any DatabaseValueConvertible & Sendable] = []
    ) {
        conditions.append(condition)
        arguments += values
    }

    private mutating func addLatest() {
        add(
            "NOT EXISTS (SELECT 1 FROM entry AS n WHERE n.identifier = e.identifier"
                + " AND n.email = e.email AND n.created_seconds > e.created_seconds)")
    }

    private mutating func addStatus(_ status: Listing.Status, now: Timestamp) {
        switch status {
        case .valid: add("deprecated IS NULL AND valid_seconds > ?", [now.seconds])
        case .expired: add("deprecated IS NULL AND valid_seconds <= ?", [now.seconds])
        case .deprecated: add("deprecated IS NOT NULL")
        case .all: break
        }
    }

    /// The original's rule: a place anyone can fetch from, or none; or a StratusLab disk.
    private mutating func addAccess(_ access: Listing.Access) {
        let lines = "(char(10) || locations)"
        let has = { (scheme: String) in "\(lines) LIKE '%' || char(10) || '\(scheme)%'" }
        switch access {
        case .web:
            let any = ["http://", "https://", "ftp://"].map(has).joined(separator: " OR ")
            add("(locations = '' OR \(any))")
        case .pdisk: add("(\(has("pdisk")))")
        case .all: break
        }
    }

    private static func pattern(_ text: String) -> String {
        var result = "%"
        for character in text {
            if "\\%_".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result + "%"
    }
}
