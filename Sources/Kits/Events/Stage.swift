// SPDX-License-Identifier: Apache-2.0

/// A worker kind. Its raw value is the one word (kebab-case) for product, queue, service, log
/// label and folder.
public enum Stage: String, Sendable, Hashable, CaseIterable, Codable {
    case fetcher, verifier, modifier, scanner, metadata, signer, uploader
    case listPublisher = "list-publisher"
    case siteNotifier = "site-notifier"

    /// The events it consumes: what its queue is bound to.
    public var consumes: [EventType] {
        switch self {
        case .fetcher: [.imageNew]
        case .verifier: [.imageFetched]
        case .modifier: [.imageVerified]
        case .scanner: [.imageModified]
        case .metadata: [.imageScanned, .imageWithdrawn, .imageRenewed]
        case .signer: [.metadataBuilt]
        case .uploader: [.metadataSigned]
        case .listPublisher: [.metadataUploaded]
        case .siteNotifier: [.listUpdated]
        }
    }

    /// The event it emits when its job is done.
    public var emits: EventType {
        switch self {
        case .fetcher: .imageFetched
        case .verifier: .imageVerified
        case .modifier: .imageModified
        case .scanner: .imageScanned
        case .metadata: .metadataBuilt
        case .signer: .metadataSigned
        case .uploader: .metadataUploaded
        case .listPublisher: .listUpdated
        case .siteNotifier: .siteNotified
        }
    }

    /// The AMQP queue, such as `imprimatur.list-publisher`.
    public var queue: String { "imprimatur.\(rawValue)" }

    /// The CloudEvents `source` of what it emits.
    public var source: String { "/imprimatur/\(rawValue)" }
}
