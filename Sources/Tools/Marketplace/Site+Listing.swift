// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import FoundationEssentials

extension Site {
    func listing(_ call: Call, _ listing: Listing) async throws -> Answer {
        switch Media(call) {
        case .xml: try await documents(listing)
        case .json: try await table(listing)
        case .html: try await page(call, listing)
        }
    }

    /// The signed documents inside one `<metadata>` element. None of them can be verified there,
    /// since their signatures cover the document they are in.
    private func documents(_ listing: Listing) async throws -> Answer {
        let found = try await catalogue.find(listing, now: .now)
        if found.ids.isEmpty && listing.hasFilter { throw Refusal.noMatch }
        let catalogue = catalogue
        return Answer(
            status: 200, headers: ["content-type": "application/xml; charset=utf-8"],
            body: .pieces { write in
                try await write("\(Markup.header)<metadata>")
                try await Catalogue.inBatches(found.ids) { ids in
                    for document in try await catalogue.documents(ids) {
                        try await write(Self.withoutDeclaration(document))
                    }
                }
                try await write("</metadata>")
            })
    }

    /// The answer DataTables wants. Its `rMsg` is what the original's page shows when a table is
    /// empty, and is there in every answer.
    func table(_ listing: Listing) async throws -> Answer {
        let found = try await catalogue.find(listing, now: .now)
        let catalogue = catalogue
        return Answer(
            status: 200, headers: ["content-type": "application/json"],
            body: .pieces { write in
                try await write(
                    "{\"sEcho\":\(listing.echo),\"iTotalRecords\":\(found.total),"
                        + "\"iTotalDisplayRecords\":\(found.matching),"
                        + "\"rMsg\":\(JSONText.quote(Refusal.noMatch.message)),\"aaData\":[")
                var separator = ""
                try await Catalogue.inBatches(found.ids) { ids in
                    for entry in try await catalogue.entries(ids) {
                        try await write(separator + JSONText.encode(entry.tableRow))
                        separator = ","
                    }
                }
                try await write("]}")
            })
    }

    /// The listing for people, one page of it.
    func page(_ call: Call, _ listing: Listing) async throws -> Answer {
        var listing = listing
        let page = listing.page ?? Listing.Page(start: 0, length: Page.rowsMax, descending: true)
        listing.page = Listing.Page(
            start: page.start, length: min(max(page.length, 1), Page.rowsMax),
            sortColumn: page.sortColumn, descending: page.descending)
        let found = try await catalogue.find(listing, now: .now)
        let entries = try await catalogue.entries(found.ids)
        let status = entries.isEmpty && listing.hasFilter ? 404 : 200
        return Page.listing(entries, of: found.matching, listing).answer(status)
    }

    private static func withoutDeclaration(_ document: [UInt8]) -> String {
        let text = String(decoding: document, as: UTF8.self)
        var rest = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        if rest.hasPrefix("<?xml "), let end = rest.firstRange(of: "?>") {
            rest = rest[end.upperBound...]
        }
        return String(rest)
    }
}
