// SPDX-License-Identifier: Apache-2.0
internal import Events

/// A web page for people: plain HTML without scripts.
struct Page: Sendable {
    private var title: String
    /// HTML that was built from escaped parts.
    private var main: String

    static let rowsMax = 50

    /// Nothing is loaded but this server's style sheet, and nobody frames the page.
    private static let policy =
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        + "frame-ancestors 'none'"

    func answer(_ status: Int, headers: [String: String] = [:]) -> Answer {
        var all = headers
        all["content-type"] = "text/html; charset=utf-8"
        all["content-security-policy"] = Self.policy
        all["referrer-policy"] = "no-referrer"
        let html = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Markup.escape(title)) · Marketplace</title>
            <link rel="stylesheet" href="/style.css">
            </head>
            <body>
            <a class="skip" href="#main">Skip to content</a>
            <header><a href="/">Marketplace</a>
            <nav aria-label="Main"><a href="/metadata">Images</a> <a href="/endorsers">Endorsers</a>
            </nav></header>
            <main id="main">
            \(main)
            </main>
            </body>
            </html>

            """
        return Answer(status: status, headers: all, body: .bytes(Array(html.utf8)))
    }

    static func error(status: Int, message: String) -> Page {
        Page(
            title: "Error \(status)",
            main: "<h1>Error \(status)</h1>\n<p>\(Markup.escape(message))</p>")
    }

    /// - Parameter matching: how many entries match on all pages.
    static func listing(_ entries: [Entry], of matching: Int, _ listing: Listing) -> Page {
        let start = listing.page?.start ?? 0
        let shown =
            entries.isEmpty
            ? "No images match."
            : "Images \(start + 1) to \(start + entries.count) of \(matching)."
        let rows = entries.map(row).joined(separator: "\n")
        let table = """
            <table>
            <caption>\(shown)</caption>
            <thead><tr><th scope="col">Image</th><th scope="col">System</th>
            <th scope="col">Endorsed by</th><th scope="col">On</th><th scope="col">Valid until</th>
            </tr></thead>
            <tbody>
            \(rows)
            </tbody>
            </table>
            """
        return Page(
            title: "Images",
            main: "<h1>Images</h1>\n\(form(listing))\n"
                + (entries.isEmpty ? "<p>\(shown)</p>" : table)
                + pager(listing, shown: entries.count, of: matching))
    }

    static func entry(_ entry: Entry) -> Page {
        var facts: [(String, String?)] = [
            ("Identifier", entry.coordinates.identifier), ("Endorser", entry.coordinates.email),
            ("Endorsed", entry.coordinates.created),
            ("Valid until", entry.valid.map(String.init(describing:))),
            ("Deprecated", entry.deprecated), ("Description", entry.facts[.description]),
            ("System", system(entry)), ("Version", entry.facts[.version]),
            ("Kind", entry.facts[.kind]), ("Tag", entry.facts[.tag]),
        ]
        facts += entry.locations.map { ("Location", $0) }
        facts += [("Certificate", entry.subject), ("Issued by", entry.issuer)]
        let list = facts.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : $0 }.map {
                "<dt>\(name)</dt><dd>\(Markup.escape($0))</dd>"
            }
        }.joined(separator: "\n")
        let document = Markup.escape("/\(entry.coordinates.path)?media=xml")
        return Page(
            title: entry.displayTitle,
            main: "<h1>\(Markup.escape(entry.displayTitle))</h1>\n<dl>\n\(list)\n</dl>\n"
                + "<p><a href=\"\(document)\">Signed document</a></p>")
    }

    static func table(title: String, variables: [String], rows: [[String: String]]) -> Page {
        let head = variables.map { "<th scope=\"col\">\(Markup.escape($0))</th>" }.joined()
        let body = rows.map { row in
            let cells = variables.map { name in
                "<td data-label=\"\(Markup.escape(name))\">\(Markup.escape(row[name] ?? ""))</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return Page(
            title: title,
            main: """
                <h1>\(Markup.escape(title))</h1>
                <table>
                <thead><tr>\(head)</tr></thead>
                <tbody>
                \(body.joined(separator: "\n"))
                </tbody>
                </table>
                """)
    }

    private static func row(_ entry: Entry) -> String {
        let coordinates = entry.coordinates
        let link = Markup.escape("/\(coordinates.path)?media=html")
        let deprecated = entry.deprecated == nil ? "" : " <em>deprecated</em>"
        return """
            <tr><th scope="row"><a href="\(link)">\(Markup.escape(entry.displayTitle))</a>\
            \(deprecated)</th>
            <td data-label="System">\(Markup.escape(system(entry)))</td>
            <td data-label="Endorsed by">\(Markup.escape(coordinates.email))</td>
            <td data-label="On">\(Markup.escape(coordinates.created))</td>
            <td data-label="Valid until">\(entry.valid.map(String.init(describing:)) ?? "")</td>
            </tr>
            """
    }

    private static func system(_ entry: Entry) -> String {
        [Entry.Fact.os, .osVersion, .arch].compactMap { entry.facts[$0] }.joined(separator: " ")
    }

    private static func form(_ listing: Listing) -> String {
        let options = Listing.Status.allCases.map { status in
            let selected = status == listing.status ? " selected" : ""
            return "<option value=\"\(status.rawValue)\"\(selected)>\(status.rawValue)</option>"
        }
        return """
            <form action="/metadata" method="get" role="search">
            <input type="hidden" name="media" value="html">
            <label>Search <input type="search" name="sSearch" \
            value="\(Markup.escape(listing.words.joined(separator: " ")))"></label>
            <label>Status <select name="status">\(options.joined())</select></label>
            <button>Show</button>
            </form>
            """
    }

    private static func pager(_ listing: Listing, shown: Int, of matching: Int) -> String {
        guard let page = listing.page else { return "" }
        var links: [String] = []
        if page.start > 0 {
            links.append(
                link("Newer", listing, start: max(0, page.start - page.length), rel: "prev"))
        }
        if page.start + shown < matching, shown > 0 {
            links.append(link("Older", listing, start: page.start + page.length, rel: "next"))
        }
        guard !links.isEmpty else { return "" }
        return "\n<nav aria-label=\"Pages\">\(links.joined(separator: " "))</nav>"
    }

    private static func link(
        _ text: String, _ listing: Listing, start: Int, rel: String
    ) -> String {
        let page = listing.page ?? Listing.Page(start: 0, length: rowsMax)
        var fields = [
            ("media", "html"), ("status", listing.status.rawValue),
            ("location", listing.access.rawValue), ("iDisplayStart", String(start)),
            ("iDisplayLength", String(page.length)), ("iSortCol_0", String(page.sortColumn)),
            ("sSortDir_0", page.descending ? "desc" : "asc"),
            ("sSearch", listing.words.joined(separator: " ")),
        ]
        for (name, value) in [
            ("identifier", listing.identifier), ("email", listing.email),
            ("created", listing.created),
        ] {
            if let value { fields.append((name, value)) }
        }
        let target = Markup.escape("/metadata?" + FormEncoding.encodeForm(fields))
        return "<a rel=\"\(rel)\" href=\"\(target)\">\(text)</a>"
    }
}
