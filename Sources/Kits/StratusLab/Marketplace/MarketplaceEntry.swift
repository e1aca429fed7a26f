// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import URLText

/// What names an entry in a marketplace: image, endorser and moment of endorsement, each as the
/// signed document writes it.
public struct MarketplaceEntry: Sendable, Hashable {
    /// The StratusLab identifier, 27 characters.
    public var identifier: String
    public var email: String
    /// dcterms:created of the endorsement, `yyyy-MM-ddTHH:mm:ssZ`.
    public var created: String

    public init(identifier: String, email: String, created: String) {
        self.identifier = identifier
        self.email = email
        self.created = created
    }

    /// `metadata/<identifier>/<email>/<created>`, each component percent-encoded where
    /// RFC 3986 (section 3.3) asks for it.
    public var path: String { Self.path([identifier, email, created]) }

    /// `metadata/` and the components that are given.
    static func path(_ components: [String]) -> String {
        (["metadata"] + components.map(encode)).joined(separator: "/")
    }

    private static func encode(_ text: String) -> String {
        // A component of dots alone would be taken for a relative reference.
        if text == "." || text == ".." { return text.map { _ in "%2E" }.joined() }
        return PercentEncoding.encode(text) {
            PercentEncoding.isUnreserved($0) || "@:".utf8.contains($0)
        }
    }
}

extension MarketplaceEntry {
    /// Reads an entry's own URL, such as `uploaded.location` of an event or a line of a list.
    ///
    /// - Returns: the entry, and the URL of the marketplace that has it, ending in `/`; nil when
    ///   the URL is not of that form.
    public static func read(
        location: String
    ) -> (marketplace: String, entry: MarketplaceEntry)? {
        let parts = location.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 7, parts[parts.count - 4] == "metadata" else { return nil }
        let texts = parts.suffix(3).map { PercentEncoding.decodeText($0) ?? "" }
        guard StratusLabIdentifier(texts[0]) != nil, !texts[1].isEmpty,
            let created = Timestamp(texts[2])
        else { return nil }
        return (
            parts.dropLast(4).joined(separator: "/") + "/",
            MarketplaceEntry(
                identifier: texts[0], email: texts[1], created: created.description)
        )
    }
}
