// SPDX-License-Identifier: Apache-2.0

/// What the stages attest of their work: the section `attestations`, to which every stage adds
/// one envelope under its own name.
public struct Attestations: Section {
    public static let key = "attestations"

    /// By the stage's name, such as `verifier`.
    public var envelopes: [String: DSSEEnvelope]

    public init(envelopes: [String: DSSEEnvelope] = [:]) {
        self.envelopes = envelopes
    }

    public init(from decoder: any Decoder) throws {
        envelopes = try decoder.singleValueContainer().decode([String: DSSEEnvelope].self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(envelopes)
    }
}

/// A signed payload (https://github.com/secure-systems-lab/dsse, version 1.0.2).
public struct DSSEEnvelope: Codable, Sendable, Hashable {
    /// Such as `application/vnd.in-toto+json`.
    public var payloadType: String
    /// Base64.
    public var payload: String
    public var signatures: [Signature]

    public init(payloadType: String, payload: String, signatures: [Signature]) {
        self.payloadType = payloadType
        self.payload = payload
        self.signatures = signatures
    }

    public struct Signature: Codable, Sendable, Hashable {
        /// A hint which key it is; never believed.
        public var keyid: String?
        /// Base64.
        public var sig: String

        public init(keyid: String? = nil, sig: String) {
            self.keyid = keyid
            self.sig = sig
        }
    }
}
