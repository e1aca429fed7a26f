// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import StratusLab
import TestSupport
import Testing

/// GET of listings, entries and endorsers, against the real process.
@Suite(.timeLimit(.minutes(3)))
struct ListingTests {
    /// A server with five entries of three images: an old and a new one, one that expired, one
    /// deprecated, and one of another endorser.
    private struct Filled {
        let server: MarketplaceServer
        let old: Sample
        let new: Sample
        let expired: Sample
        let deprecated: Sample
        let bobs: Sample

        init() async throws {
            server = try await MarketplaceServer()
            old = try await Samples.document(created: "2026-01-01T00:00:00Z")
            new = try await Samples.document(created: "2026-02-01T00:00:00Z") { $0.tag = "stable" }
            expired = try await Samples.document("expired") {
                $0.valid = $0.created?.adding(days: 1)
                $0.created = $0.created?.adding(days: -9)
            }
            deprecated = try await Samples.document("deprecated") { $0.deprecated = "broken" }
            bobs = try await Samples.document("bob", by: Samples.bob) {
                $0.locations = ["pdisk:host:8445:uuid"]
                $0.os = "debian"
            }
            for sample in [old, new, expired, deprecated, bobs] {
                let answer = try await Curl.post(server.url + "metadata", sample.bytes)
                #expect(answer.status == 201, "\(answer.text)")
            }
        }

        /// Identifiers and dates in the JSON listing of `path`.
        func table(_ path: String) async throws -> Table {
            let answer = try await Curl.get(server.url + path, accept: "application/json")
            #expect(answer.status == 200)
            return try JSONDecoder().decode(Table.self, from: Data(answer.body))
        }
    }

    struct Table: Decodable {
        var sEcho: Int
        var iTotalRecords: Int
        var iTotalDisplayRecords: Int
        var rMsg: String
        var aaData: [[String]]

        var places: [String] { aaData.map { $0[7] + "/" + $0[4] + "/" + $0[6] } }
    }

    private func place(_ sample: Sample) -> String {
        "\(sample.entry.identifier)/\(sample.entry.email)/\(sample.entry.created)"
    }

    @Test func filtersChooseEntries() async throws {
        let filled = try await Filled()
        let (new, old, bobs) = (place(filled.new), place(filled.old), place(filled.bobs))
        let id = filled.new.entry.identifier
        let expected: [(String, [String])] = [
            ("metadata", [new, bobs]),
            ("metadata?status=expired", [place(filled.expired)]),
            ("metadata?status=deprecated", [place(filled.deprecated)]),
            (
                "metadata?status=all",
                [new, bobs, place(filled.expired), place(filled.deprecated)]
            ),
            ("metadata?location=web", [new]), ("metadata?location=pdisk", [bobs]),
            ("metadata/\(id)", [new]), ("metadata?identifier=\(id)", [new]),
            ("metadata/ada@example.org/", [new]), ("metadata/bob%40example.org", [bobs]),
            ("metadata?email=bob%40example.org", [bobs]),
            ("metadata/\(id)/2026-01-01T00:00:00Z", [old]),
            ("metadata/2026-02-01T00:00:00Z/ada@example.org", [new]),
            ("metadata?created=2026-01-01T00%3A00%3A00Z&identifier=\(id)", [old]),
            ("metadata/none", []),
        ]
        for (path, places) in expected {
            #expect(try await filled.table(path).places.sorted() == places.sorted(), "\(path)")
        }
    }

    @Test func dataTablesParametersPageSortAndSearch() async throws {
        let filled = try await Filled()
        let all = try await filled.table("metadata?sEcho=7")
        #expect(all.sEcho == 7 && all.iTotalRecords == 2 && all.iTotalDisplayRecords == 2)
        // The original says so in every answer.
        #expect(all.rMsg == "no metadata matching query found")
        #expect(all.aaData.allSatisfy { $0.count == 11 })
        let row = try #require(all.aaData.first { $0[4] == "ada@example.org" })
        #expect(
            row == [
                "", "cirros", "0.3.4", "x86_64", "ada@example.org", "", "2026-02-01T00:00:00Z",
                filled.new.entry.identifier, "http://example.org/image.img", "A tiny image",
                "CirrOS",
            ])
        let page = "metadata?iDisplayStart=1&iDisplayLength=1&iSortCol_0=1&sSortDir_0="
        #expect(try await filled.table(page + "asc").places == [place(filled.bobs)])
        let descending = try await filled.table(page + "desc")
        #expect(descending.places == [place(filled.new)])
        #expect(descending.iTotalDisplayRecords == 2)
        let found = try await filled.table("metadata?sSearch=DEBIAN+bob")
        #expect(found.places == [place(filled.bobs)])
        #expect(found.iTotalRecords == 2 && found.iTotalDisplayRecords == 1)
        #expect(try await filled.table("metadata?sSearch_1=cirr").places == [place(filled.new)])
        #expect(try await filled.table("metadata?sSearch=%25").places.isEmpty)
        #expect(try await filled.table("metadata?sSearch=';DROP+TABLE+entry").places.isEmpty)
        let form = try await Curl.post(
            filled.server.url + "metadata", Array("sEcho=3&sSearch=debian".utf8),
            type: "application/x-www-form-urlencoded", accept: "*/*")
        let table = try JSONDecoder().decode(Table.self, from: Data(form.body))
        #expect(table.sEcho == 3 && table.places == [place(filled.bobs)])
    }

    @Test func xmlListingsHoldTheDocuments() async throws {
        let filled = try await Filled()
        let url = filled.server.url
        let listing = try await Curl.get(url + "metadata", accept: "application/xml")
        #expect(listing.headers["content-type"] == "application/xml; charset=utf-8")
        #expect(
            listing.text.hasPrefix(
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?><metadata>"))
        #expect(listing.text.hasSuffix("</metadata>"))
        #expect(listing.text.components(separatedBy: "<rdf:RDF").count == 3)
        #expect(listing.text.components(separatedBy: "<?xml").count == 2)
        let tree = try await run("xmllint", ["--version"])
        if tree.status == 0 {
            let folder = try TemporaryDirectory()
            let file = try folder.write(listing.body, to: "listing.xml")
            #expect(try await run("xmllint", ["--noout", file]).status == 0)
        }
        #expect(try await Curl.get(url + "metadata").body == listing.body)
        #expect(try await Curl.get(url + "metadata?media=json").text.hasPrefix("{\"sEcho\""))
        let none = try await Curl.get(url + "metadata?location=pdisk&email=ada@example.org")
        #expect(none.status == 404)
    }

    @Test func tagsAndEndorsersAreListed() async throws {
        let filled = try await Filled()
        let url = filled.server.url
        for path in ["tag/ada@example.org/stable", "metadata/ada@example.org?tag=stable"] {
            let found = try await Curl.get(url + path, accept: "application/rdf+xml")
            #expect(found.body == filled.new.bytes, "\(path)")
        }
        #expect(try await Curl.get(url + "tag/ada@example.org/none").status == 404)

        let endorsers = try await Curl.get(url + "endorsers", accept: "application/xml").text
        #expect(endorsers.contains("<literal>ada@example.org</literal>"))
        #expect(endorsers.contains("<literal>CN=Bob Stranger,O=Example,C=FR</literal>"))
        let recent = try await Curl.get(url + "endorsers/ada@example.org?range=36500").text
        #expect(recent.contains("<literal>2026-01-01T00:00:00Z</literal>"))
        #expect(
            try await Curl.get(url + "endorsers/ada@example.org?range=0").text
                .contains("<results></results>"))
        #expect(
            try await Curl.get(url + "endorsers/ada@example.org?range=x").status == 400)
        let tags = try await Curl.get(
            url + "endorsers/ada@example.org/tags", accept: "application/json"
        ).text
        #expect(tags.contains("\"tag\":{\"type\":\"literal\",\"value\":\"stable\"}"))
    }

    @Test func anEntryIsAlsoRDFJSON() async throws {
        let filled = try await Filled()
        let answer = try await Curl.get(
            filled.server.url + filled.new.entry.path, accept: "application/json")
        typealias Graph = [String: [String: [[String: String]]]]
        let graph = try JSONDecoder().decode(Graph.self, from: Data(answer.body))
        let subject = try #require(
            graph["http://mp.stratuslab.eu/#\(filled.new.entry.identifier)"])
        #expect(
            subject["http://purl.org/dc/terms/title"] == [["value": "CirrOS", "type": "literal"]])
        let endorsement = try #require(
            subject["http://mp.stratuslab.eu/slreq#endorsement"]?.first?["value"])
        let endorser = try #require(
            graph[endorsement]?["http://mp.stratuslab.eu/slreq#endorser"]?.first?["value"])
        #expect(
            graph[endorser]?["http://mp.stratuslab.eu/slreq#email"]?.first?["value"]
                == "ada@example.org")
        #expect(!answer.text.contains("SignatureValue"))
    }

    @Test func whatIsNotOfferedSaysSo() async throws {
        let server = try await MarketplaceServer()
        let query = try await Curl.get(
            server.url + "query?query=SELECT", accept: "application/xml")
        #expect(query.status == 400 && query.text.contains("<error>query not allowed.</error>"))
        #expect(try await Curl.post(server.url + "sync", [0x61]).status == 404)
        #expect(try await Curl.get(server.url + "action/x/confirm/").status == 404)
        #expect(try await Curl.get(server.url + "nowhere").status == 404)
        let put = try await Curl.send(server.url + "metadata", ["-X", "PUT"])
        #expect(put.status == 405 && put.headers["allow"] == "GET, HEAD, POST")
        let head = try await Curl.send(server.url + "metadata", ["--head"])
        #expect(head.status == 200 && head.headers["content-type"]?.contains("xml") == true)
        #expect(try await Curl.get(server.url + "health").text == "ok\n")
    }
}
