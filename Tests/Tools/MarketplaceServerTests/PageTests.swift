// SPDX-License-Identifier: Apache-2.0
import Foundation
import StratusLab
import TestSupport
import Testing

/// The pages for people.
@Suite(.timeLimit(.minutes(2)))
struct PageTests {
    private static let evil = "<script>alert(\"x\")</script> & 'y'"

    @Test func documentsCannotPutMarkupIntoPages() async throws {
        let server = try await MarketplaceServer()
        let sample = try await Samples.document {
            $0.title = Self.evil
            $0.description = Self.evil
            $0.os = Self.evil
            $0.tag = Self.evil
            $0.locations = ["javascript:alert(1)", "http://example.org/\"><script>"]
        }
        let posted = try await Curl.post(server.url + "metadata", sample.bytes)
        // A location that is not a URL may be refused with the document.
        let stored =
            posted.status == 201
            ? sample
            : try await Samples.document {
                $0.title = Self.evil
                $0.description = Self.evil
                $0.os = Self.evil
                $0.tag = Self.evil
            }
        if posted.status != 201 {
            #expect(try await Curl.post(server.url + "metadata", stored.bytes).status == 201)
        }
        let search = "?media=html&sSearch=%3Cscript%3E"
        for path in ["", "metadata" + search, stored.entry.path, "endorsers", "metadata/<script>"] {
            let url = server.url + path.replacingOccurrences(of: "<script>", with: "%3Cscript%3E")
            let page = try await Curl.get(url, accept: "text/html")
            #expect(page.headers["content-type"] == "text/html; charset=utf-8", "\(path)")
            #expect(!page.text.lowercased().contains("<script"), "\(path)")
            #expect(!page.text.contains("href=\"javascript:"), "\(path)")
            let policy = try #require(page.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"))
            #expect(page.headers["x-content-type-options"] == "nosniff")
        }
        let entry = try await Curl.get(server.url + stored.entry.path, accept: "text/html")
        #expect(
            entry.text.contains(
                "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;"))
        let log = server.log
        #expect(!log.contains("error"), "\(log)")
    }

    @Test func pagesAreForEveryReader() async throws {
        let server = try await MarketplaceServer()
        let sample = try await Samples.document()
        _ = try await Curl.post(server.url + "metadata", sample.bytes)
        let page = try await Curl.get(server.url, accept: "text/html").text
        for part in [
            "<html lang=\"en\">", "name=\"viewport\"", "<main id=\"main\">", "<caption>",
            "scope=\"col\"", "<label>Search", "href=\"/\(sample.entry.path)?media=html\"",
        ] {
            #expect(page.contains(part), "\(part)")
        }
        let style = try await Curl.get(server.url + "style.css")
        #expect(style.headers["content-type"] == "text/css; charset=utf-8")
        #expect(style.text.contains("max-width: 40em"))
        let link = try await Curl.get(server.url + sample.entry.path + "?media=html").text
        #expect(link.contains("/\(sample.entry.path)?media=xml"))
    }

    @Test func longListingsHavePages() async throws {
        let server = try await MarketplaceServer()
        let client = try MarketplaceClient(MarketplaceClient.Configuration(url: server.url))
        for number in 0..<51 {
            _ = try await client.upload(try await Samples.document("image \(number)").bytes)
        }
        let first = try await Curl.get(server.url + "metadata", accept: "text/html").text
        #expect(first.contains("Images 1 to 50 of 51."))
        let href = try #require(first.firstMatch(of: /rel="next" href="\/([^"]+)"/)).1
        let target = href.replacingOccurrences(of: "&amp;", with: "&")
        let second = try await Curl.get(server.url + target).text
        #expect(second.contains("Images 51 to 51 of 51."))
        #expect(second.contains("rel=\"prev\""))
    }
}
