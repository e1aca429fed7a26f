// SPDX-License-Identifier: Apache-2.0
import Events
import Testing

@testable import MarketplaceServer

/// The pieces that need no process.
@Suite struct PartsTests {
    @Test(arguments: [
        ("", Media.xml), ("*/*", .xml), ("text/html,application/xml;q=0.9", .html),
        ("application/json", .json), ("application/xml;q=0.1, application/json;q=0.2", .json),
        ("application/rdf+xml", .xml), ("text/html;q=0", .xml), ("nonsense", .xml),
    ])
    func acceptChooses(accept: String, media: Media) {
        #expect(Media(Call(method: .get, headers: ["accept": accept])) == media)
    }

    @Test func theSuffixBeatsAccept() {
        let call = Call(method: .get, query: ["media": "json"], headers: ["accept": "text/html"])
        #expect(Media(call) == .json)
        #expect(Media.ofError(for: Call(method: .get)) == .html)
    }

    @Test func headerValuesAreTakenApart() {
        let value = HeaderValue("form-data; name=\"a;b\"; FileName=\"x\\\"y\" ; z")
        #expect(value.value == "form-data")
        #expect(value.parameters == ["name": "a;b", "filename": "x\"y"])
    }

    @Test func multipartKeepsBytes() {
        let body =
            Array(
                "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno\r\n--b\r\n".utf8)
            + Array("content-disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n".utf8)
            + [0, 13, 10, 45, 255] + Array("\r\n--b--\r\n".utf8)
        #expect(Multipart.firstFile(in: body, boundary: "b") == [0, 13, 10, 45, 255])
        #expect(Multipart.firstFile(in: body, boundary: "c") == nil)
        #expect(Multipart.firstFile(in: body, boundary: "") == nil)
    }

    @Test func formsAndPathsAreDecoded() {
        #expect(
            FormEncoding.decodeForm("a=1+2&b=%C3%A9&a=3&c&%zz=1&d=%ff")
                == ["a": "1 2", "b": "é", "c": ""])
        #expect(FormEncoding.decodePath("a+b%40c") == "a+b@c")
        #expect(FormEncoding.decodePath("%e") == nil)
        #expect(FormEncoding.encodePath("a b/é@x:+") == "a%20b%2F%C3%A9@x:%2B")
        #expect(FormEncoding.encodeForm([("a", "b c&d")]) == "a=b%20c%26d")
    }

    @Test func argumentsAreClassified() {
        let listing = Listing(
            arguments: ["2026-01-01T00:00:00Z", "a@b"],
            fields: ["email": "c d@e", "status": "nonsense", "location": "web"])
        #expect(listing.created == "2026-01-01T00:00:00Z")
        #expect(listing.email == "c+d@e")
        #expect(listing.identifier == nil && listing.hasFilter)
        #expect(listing.status == .all && listing.access == .web)
        #expect(Listing(arguments: [], fields: [:]).status == .valid)
    }

    @Test func markupIsEscaped() {
        #expect(Markup.escape("<&>\"'\u{0}é\n") == "&lt;&amp;&gt;&quot;&#39;\u{FFFD}é\n")
    }

    @Test func uploadsAreCountedByTheMinute() throws {
        let rate = UploadRate(perMinute: 2)
        let start = Timestamp(seconds: 600)
        try rate.admit(at: start)
        try rate.admit(at: start)
        #expect(throws: Refusal.self) { try rate.admit(at: Timestamp(seconds: 601)) }
        try rate.admit(at: Timestamp(seconds: 660))
    }

    @Test func allowRulesAreRead() {
        let rules = EndorserAllowList.Rules(
            "# x\r\n sha256:AB:cd \nCN=A,O=B\nA@B.org\n\n")
        #expect(rules.fingerprints == ["abcd"])
        #expect(rules.subjects == ["CN=A,O=B"])
        #expect(rules.emails == ["a@b.org"])
    }
}
