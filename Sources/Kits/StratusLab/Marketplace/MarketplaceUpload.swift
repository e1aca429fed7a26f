// SPDX-License-Identifier: Apache-2.0

/// What a marketplace made of an uploaded document.
public enum MarketplaceUpload: Sendable, Hashable {
    /// It is published. The location is the server's word for it, when it had one.
    case created(location: String?)
    /// The endorser was sent a mail and has to follow the link in it: not yet published, see
    /// ``MarketplaceClient/lookup(_:)``.
    case awaitingConfirmation
    /// It is not accepted, now or later.
    case refused(MarketplaceRefusal)
}

/// Why a document was refused for good.
public struct MarketplaceRefusal: Sendable, Hashable {
    /// The server's own words: one line of printable text.
    public var reason: String

    public init(reason: String) {
        self.reason = reason
    }

    /// The image already has an entry of this endorser with a later date.
    public var isOlderThanLatest: Bool { reason.contains("older than latest entry") }
}
