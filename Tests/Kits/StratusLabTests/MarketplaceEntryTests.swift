// SPDX-License-Identifier: Apache-2.0
import StratusLab
import Testing

@Suite struct MarketplaceEntryTests {
    private static let identifier = "LHfKVPoHcv4oMirHU0KuOQc-TvI"

    @Test(arguments: ["ada@example.org", "a/b@example.org", "é ü?#%@example.org", "..", "a+b@x"])
    func anEntrysOwnURLLeadsBackToIt(_ email: String) throws {
        for base in ["http://127.0.0.1:8081/", "https://example.org/market/metadata/"] {
            let client = try MarketplaceClient(MarketplaceClient.Configuration(url: base))
            let entry = MarketplaceEntry(
                identifier: Self.identifier, email: email, created: "2026-03-02T09:30:00Z")
            let found = try #require(MarketplaceEntry.read(location: client.location(of: entry)))
            #expect(found.marketplace == base)
            #expect(found.entry == entry)
        }
        // As other clients escape the time.
        let escaped =
            "http://h/metadata/\(Self.identifier)/ada%40example.org/2026-03-02T09%3A30%3A00Z"
        #expect(MarketplaceEntry.read(location: escaped)?.entry.email == "ada@example.org")
    }

    @Test(arguments: [
        "", "http://h/", "http://h/metadata/x/a@b/2026-03-02T09:30:00Z",
        "http://h/metadata/\(identifier)/a@b", "http://h/metadata/\(identifier)/a@b/yesterday",
        "http://h/metadata/\(identifier)//2026-03-02T09:30:00Z",
        "http://h/data/\(identifier)/a@b/2026-03-02T09:30:00Z",
        "http://h/metadata/\(identifier)/a%GG/2026-03-02T09:30:00Z",
        "http://h/metadata/\(identifier)/a%FF/2026-03-02T09:30:00Z",
        "metadata/\(identifier)/a@b/2026-03-02T09:30:00Z",
    ])
    func otherURLsAreNone(_ location: String) {
        #expect(MarketplaceEntry.read(location: location) == nil)
    }
}
