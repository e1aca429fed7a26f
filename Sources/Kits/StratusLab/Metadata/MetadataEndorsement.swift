// SPDX-License-Identifier: Apache-2.0
public import Events

/// Who vouches for an image, and since when: the element slreq:endorsement.
public struct MetadataEndorsement: Sendable, Hashable {
    /// dcterms:created of the endorsement: with identifier and e-mail, the entry's address in a
    /// marketplace.
    public var created: Timestamp
    public var endorser: SignedMetadata.Endorser

    public init(created: Timestamp, endorser: SignedMetadata.Endorser) {
        self.created = created
        self.endorser = endorser
    }
}
