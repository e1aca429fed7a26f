// SPDX-License-Identifier: Apache-2.0

/// Every event that travels on `imprimatur.events`; the raw value is its AMQP routing key.
public enum EventType: String, Sendable, Hashable, CaseIterable {
    case imageNew = "image.new"
    case imageWithdrawn = "image.withdrawn"
    case imageRenewed = "image.renewed"
    case imageFetched = "image.fetched"
    case imageVerified = "image.verified"
    case imageModified = "image.modified"
    case imageScanned = "image.scanned"
    case metadataBuilt = "metadata.built"
    case metadataSigned = "metadata.signed"
    case metadataUploaded = "metadata.uploaded"
    case listUpdated = "list.updated"
    case siteNotified = "site.notified"
    case imageRejected = "image.rejected"
    case imageProgress = "image.progress"

    public var routingKey: String { rawValue }

    /// The CloudEvents `type` attribute, such as `imprimatur.image.new.v1`.
    public var cloudEventsType: String { "imprimatur.\(rawValue).v1" }

    public init?(cloudEventsType: String) {
        guard let match = Self.allCases.first(where: { $0.cloudEventsType == cloudEventsType })
        else { return nil }
        self = match
    }

    /// The sections that `data` must hold, decodable, for the event to be accepted: all of one of
    /// the alternatives, and none that only another one has.
    ///
    /// Documents come about in two ways: from an image, or by revision of a published one.
    public var sectionAlternatives: [[any Section.Type]] {
        switch self {
        case .imageNew: [[ImageRequest.self]]
        case .imageWithdrawn, .imageRenewed: [[DocumentRevision.self]]
        case .imageFetched: [[ImageRequest.self, Fetched.self]]
        case .imageVerified: [[ImageRequest.self, Fetched.self, Verified.self]]
        case .imageModified:
            [[ImageRequest.self, Fetched.self, Verified.self, Modified.self]]
        case .imageScanned: [Self.image]
        case .metadataBuilt: Self.origins(and: [BuiltMetadata.self])
        case .metadataSigned: Self.origins(and: [BuiltMetadata.self, SignedMetadata.self])
        case .metadataUploaded:
            Self.origins(and: [BuiltMetadata.self, SignedMetadata.self, UploadedMetadata.self])
        case .listUpdated: [[UpdatedList.self]]
        case .siteNotified: [[UpdatedList.self, NotifiedSites.self]]
        case .imageRejected: [[Rejection.self]]
        case .imageProgress: [[Progress.self]]
        }
    }

    private static func origins(and rest: [any Section.Type]) -> [[any Section.Type]] {
        [image, [DocumentRevision.self]].map { $0 + rest }
    }

    /// The whole way of an image to its description.
    private static let image: [any Section.Type] = [
        ImageRequest.self, Fetched.self, Verified.self, Modified.self, Scanned.self,
    ]

    /// The alternative that `data` follows: the one it has a section of its own of, or the first.
    ///
    /// - Throws: ``EventError/invalidSection(_:reason:)`` when it follows two.
    public func requiredSections(
        of data: [String: JSONValue]
    ) throws(EventError) -> [any Section.Type] {
        let alternatives = sectionAlternatives
        let shared = alternatives.map { Set($0.map { $0.key }) }
            .reduce(Set(alternatives[0].map { $0.key })) { $0.intersection($1) }
        let begun = alternatives.compactMap { sections in
            sections.first { data[$0.key] != nil && !shared.contains($0.key) }
                .map { (sections: sections, key: $0.key) }
        }
        guard begun.count < 2 else {
            throw .invalidSection(
                begun[1].key, reason: "cannot stand beside the section '\(begun[0].key)'")
        }
        return begun.first?.sections ?? alternatives[0]
    }
}

/// What one stage adds to an event's `data`, under a key of its own.
public protocol Section: Codable, Sendable, Hashable {
    /// The member of `data` that holds it.
    static var key: String { get }
}
