// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import VerifierWorker

@Suite("Sources in settings") struct SourcePatternTests {
    @Test(
        "What a pattern speaks of",
        arguments: [
            ("example.org", "https://example.org/a", true),
            ("example.org", "HTTPS://EXAMPLE.org.:8443/a", true),
            ("example.org", "http://example.org.evil.net/", false),
            ("example.org", "http://evil.net/example.org", false),
            ("example.org", "http://evil.net/?http://example.org/", false),
            ("example.org", "http://cloud.example.org/", false),
            ("*.example.org", "http://cloud.example.org/", true),
            ("*.example.org", "http://example.org/", false),
            ("*.example.org", "http://evilexample.org/", false),
            ("example.org/pub", "http://example.org/pub", true),
            ("example.org/pub/", "http://example.org/pub/a", true),
            ("example.org/pub", "http://example.org/public/a", false),
            ("example.org/pub", "http://example.org/pub/../a", false),
            ("example.org/pub", "http://example.org/pub/%2e%2E/a", false),
            ("example.org/pub", "http://example.org/x/../%70ub/a", true),
            ("example.org/pub", "http://example.org/a?/pub/", false),
            ("example.org/pub", "http://example.org/pub/%zz", false),
            ("*", "ftp://anywhere/", true), ("*/pub", "ftp://anywhere/pub/x", true),
            ("localhost/srv", "file:///srv/SUMS", true), ("localhost", "file://localhost/x", true),
            ("[::1]", "http://[::1]:80/", true), ("[::1]", "http://[::2]/", false),
            ("*", "no url", false),
        ])
    func matching(_ pattern: String, _ url: String, _ isMatch: Bool) throws {
        #expect(try #require(SourcePattern(pattern)).matches(url) == isMatch)
    }

    @Test(
        "What is no pattern",
        arguments: ["", "/pub", "http://example.org", "*x.org", "a b", "*.", "user@h", "h/%zz"])
    func malformed(_ text: String) {
        #expect(SourcePattern(text) == nil)
    }
}
