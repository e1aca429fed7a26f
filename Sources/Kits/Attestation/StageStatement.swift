// SPDX-License-Identifier: Apache-2.0
public import Events
import FoundationEssentials

/// What a worker attests: an in-toto statement (https://in-toto.io/Statement/v1) that it saw these
/// sections of a publication's event and added that one.
///
/// Sections are named by the SHA-256 of their canonical JSON (RFC 8785), unknown members included.
/// There is no time in it: the same event gives the same bytes again.
public struct StageStatement: Codable, Sendable, Hashable {
    public static let statementType = "https://in-toto.io/Statement/v1"
    public static let predicateType = "https://imprimatur.dev/attestation/stage/v1"
    /// Of the envelope around it.
    public static let payloadType = "application/vnd.in-toto+json"

    public var type: String
    public var subject: [Subject]
    public var predicateType: String
    public var predicate: Predicate

    public init(subject: [Subject], predicate: Predicate) {
        type = Self.statementType
        self.subject = subject
        predicateType = Self.predicateType
        self.predicate = predicate
    }

    private enum CodingKeys: String, CodingKey {
        case type = "_type"
        case subject, predicateType, predicate
    }

    /// Bytes that the stage worked on or made.
    public struct Subject: Codable, Sendable, Hashable {
        public var name: String
        public var digest: Digest

        public struct Digest: Codable, Sendable, Hashable {
            public var sha256: String
        }

        public init(name: String, sha256: String) {
            self.name = name
            digest = Digest(sha256: sha256)
        }
    }

    public struct Predicate: Codable, Sendable, Hashable {
        public var publication: String
        /// The stage's word, such as `verifier`.
        public var stage: String
        /// Routing key of the event it worked on, such as `image.fetched`.
        public var event: String
        /// SHA-256 of each section that was there, by its key; `attestations` is left out.
        public var saw: [String: String]
        public var added: Added
        public var worker: Tool

        public struct Added: Codable, Sendable, Hashable {
            public var section: String
            public var sha256: String
        }
    }

    /// Canonical JSON.
    func bytes() throws(AttestationError) -> [UInt8] {
        do {
            return try CanonicalJSON.bytes(of: try EventCoding.value(of: self))
        } catch let error as AttestationError {
            throw error
        } catch {
            throw .notCanonical(EventCoding.describe(error))
        }
    }
}

extension StageStatement {
    /// Most bytes of a statement; its envelope fits into an event.
    private static let bytesMax = Event.bytesMax

    /// - Returns: nil for what is not such a statement. Members that are not known are passed over.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count <= Self.bytesMax,
            let found = try? JSONDecoder().decode(Self.self, from: Data(bytes))
        else { return nil }
        self = found
    }

    /// The statement in an envelope, whoever has signed it.
    ///
    /// - Returns: nil when there is none.
    public init?(inEnvelope envelope: JSONValue?) {
        guard let payload = envelope?["payload"]?.string, let bytes = Data(base64Encoded: payload)
        else { return nil }
        self.init(parsing: [UInt8](bytes))
    }
}
