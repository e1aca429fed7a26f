// SPDX-License-Identifier: Apache-2.0
internal import Events

extension MarketplaceClient {
    /// What the marketplace's listings are asked for: each has only entries of one status.
    private static let statuses = ["valid", "expired", "deprecated"]

    /// The endorser's newest entry for an image, be it valid, expired or deprecated; nil when the
    /// marketplace has none. Nothing about the document has been checked.
    public func newest(
        identifier: StratusLabIdentifier, email: String
    ) async throws(MarketplaceError) -> MarketplaceEntry? {
        try await newestEntries(identifier, by: email)[email]
    }

    /// Each endorser's newest entry for an image, sorted by e-mail address; otherwise as
    /// ``newest(identifier:email:)``.
    public func newestOfEach(
        identifier: StratusLabIdentifier
    ) async throws(MarketplaceError) -> [MarketplaceEntry] {
        try await newestEntries(identifier, by: nil).values.sorted { $0.email < $1.email }
    }

    /// By e-mail address.
    private func newestEntries(
        _ identifier: StratusLabIdentifier, by email: String?
    ) async throws(MarketplaceError) -> [String: MarketplaceEntry] {
        var newest: [String: MarketplaceEntry] = [:]
        for status in Self.statuses {
            for document in try await documents(identifier, by: email, status) {
                guard let endorsement = document.fields.endorsement,
                    document.identifier == identifier.text
                else { continue }
                let endorser = endorsement.endorser.email
                let created = endorsement.created.description
                // Dates of this form sort as text.
                guard newest[endorser].map({ $0.created < created }) ?? true else { continue }
                newest[endorser] = MarketplaceEntry(
                    identifier: document.identifier, email: endorser, created: created)
            }
        }
        return newest
    }

    private func documents(
        _ identifier: StratusLabIdentifier, by email: String?, _ status: String
    ) async throws(MarketplaceError) -> [MetadataDocument] {
        guard let body = try await listing(identifier, by: email, status: status) else {
            return []
        }
        do {
            return try MetadataDocument.unwrapping(body).map { wrapped in
                try MetadataDocument(parsing: wrapped.bytes)
            }
        } catch {
            throw .unexpected(status: 200, reason: "the listing cannot be read: \(error)")
        }
    }
}
