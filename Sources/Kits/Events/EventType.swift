// SPDX-License-Identifier: Apache-2.0

/// Every event that travels on `imprimatur.events`; the raw value is its AMQP routing key.
public enum EventType: String, Sendable, Hashable, CaseIterable {
    case imageNew = "image.new"
    case imageFetched = "image.fetched"
    case imageVerified = "image.verified"
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

    /// The sections that `data` must hold, decodable, for the event to be accepted.
    public var requiredSections: [any Section.Type] {
        let throughVerifier: [any Section.Type] = [
            ImageRequest.self, Fetched.self, Verified.self,
        ]
        switch self {
        case .imageNew: return [ImageRequest.self]
        case .imageFetched: return [ImageRequest.self, Fetched.self]
        case .imageVerified: return throughVerifier
        case .metadataBuilt: return throughVerifier + [BuiltMetadata.self]
        case .metadataSigned: return throughVerifier + [BuiltMetadata.self, SignedMetadata.self]
        case .metadataUploaded:
            return throughVerifier + [
                BuiltMetadata.self, SignedMetadata.self, UploadedMetadata.self,
            ]
        case .listUpdated: return [UpdatedList.self]
        case .siteNotified: return [UpdatedList.self, NotifiedSites.self]
        case .imageRejected: return [Rejection.self]
        case .imageProgress: return [Progress.self]
        }
    }
}

/// What one stage adds to an event's `data`, under a key of its own.
public protocol Section: Codable, Sendable, Hashable {
    /// The member of `data` that holds it.
    static var key: String { get }
}
