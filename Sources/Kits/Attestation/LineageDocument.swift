// SPDX-License-Identifier: Apache-2.0
public import Events
import FoundationEssentials
import Signatures

/// All that led to a signature, as the signer saw it and keeps it in the store: the sections of the
/// event, the stages' attestations among them.
public struct LineageDocument: Codable, Sendable, Hashable {
    public static let type = "https://imprimatur.dev/lineage/v1"
    /// The name of its record in the store.
    public static let recordName = "lineage"
    /// It holds what one event held.
    public static let bytesMax = 2 * Event.bytesMax

    public var type: String
    public var publication: String
    /// Of the event: the image's name.
    public var subject: String
    public var data: [String: JSONValue]

    public init(of event: Event) {
        type = Self.type
        publication = event.publication
        subject = event.subject
        data = event.data
    }

    /// - Returns: nil for what is not such a document.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count <= Self.bytesMax,
            let found = try? JSONDecoder().decode(Self.self, from: Data(bytes)),
            found.type == Self.type
        else { return nil }
        self = found
    }

    /// Canonical JSON.
    public func bytes() throws(AttestationError) -> [UInt8] {
        let value: JSONValue = .object([
            "type": .string(type), "publication": .string(publication),
            "subject": .string(subject), "data": .object(data),
        ])
        return try CanonicalJSON.bytes(of: value)
    }

    public var chain: AttestationChain {
        AttestationChain(publication: publication, subject: subject, data: data)
    }

    /// Under whose name the store keeps a record for each publication of an image.
    public static func recordOwner(identifier: String) -> String {
        "image-" + Digest.hex(Digest.sha1(Array(identifier.utf8)))
    }
}
