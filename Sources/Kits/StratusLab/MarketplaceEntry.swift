// SPDX-License-Identifier: Apache-2.0
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
    public var path: String {
        (["metadata"] + [identifier, email, created].map(Self.encode)).joined(separator: "/")
    }

    private static func encode(_ text: String) -> String {
        // A component of dots alone would be taken for a relative reference.
        if text == "." || text == ".." { return text.map { _ in "%2E" }.joined() }
        return PercentEncoding.encode(text) {
            PercentEncoding.isUnreserved($0) || "@:".utf8.contains($0)
        }
    }
}
