// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import PipelineTesting
import Signatures
import TestSupport
import Testing

@testable import Attestation

@Suite("The chain of attestations", .timeLimit(.minutes(1))) struct ChainTests {
    private let files: AttestationKeyFiles
    private let keys: AttestationKeys

    init() async throws {
        files = try await AttestationKeyFiles.shared
        keys = try AttestationKeys(directory: files.publicDirectory)
    }

    private func honest(_ event: Event = Fixture.metadataBuilt()) throws -> Event {
        try Fixture.attested(event, keys: files.privateDirectory)
    }

    private func rule(_ event: Event) -> AttestationBreach.Rule? {
        do {
            try AttestationChain(of: event).check(by: keys)
            return nil
        } catch {
            return (error as? AttestationBreach)?.rule
        }
    }

    private func envelopes(_ event: Event) -> [String: JSONValue] {
        guard case .object(let envelopes) = event.data[Attestations.key] else { return [:] }
        return envelopes
    }

    /// The event with an envelope in a stage's place.
    private func replacing(
        _ stage: Stage, in event: Event, by envelope: JSONValue?
    ) -> Event {
        var event = event
        var changed = envelopes(event)
        changed[stage.rawValue] = envelope
        event.data[Attestations.key] = .object(changed)
        return event
    }

    /// The event with a stage's statement changed and signed again by `signer`.
    private func restating(
        _ stage: Stage, in event: Event, by signer: Stage? = nil, type: String? = nil,
        _ change: (inout StageStatement) -> Void = { _ in }
    ) throws -> Event {
        let value = try #require(envelopes(event)[stage.rawValue])
        let envelope = try EventCoding.decode(DSSEEnvelope.self, from: value)
        let payload = try #require(try envelope.payload(signedByOneOf: keys[stage]))
        var statement = try #require(StageStatement(parsing: payload))
        change(&statement)
        let path = "\(files.privateDirectory)/\((signer ?? stage).rawValue).key"
        let signed = try DSSEEnvelope(
            signing: try statement.bytes(), type: type ?? StageStatement.payloadType,
            with: try Ed25519PrivateKey(pemPath: path))
        return replacing(stage, in: event, by: try EventCoding.value(of: signed))
    }

    @Test("Holds for an image, a modified one, one with sections nobody knows, and a revision")
    func holds() throws {
        #expect(rule(try honest()) == nil)
        var more = Fixture.metadataBuilt()
        more.data["x-site"] = .object(["number": .number(1.5), "list": .array([.null])])
        #expect(rule(try honest(more)) == nil)
        #expect(rule(try honest(Fixture.revisionBuilt())) == nil)
        let twice = try honest()
        #expect(try honest().data == twice.data, "the same bytes again")
    }

    @Test("A section changed, dropped or brought in is noticed") func sections() throws {
        let event = try honest()
        for key in ["request", "fetched", "verified", "modified", "scanned", "metadata"] {
            var changed = event
            guard case .object(var members)? = event.data[key] else { continue }
            members["note"] = .string("x")
            changed.data[key] = .object(members)
            #expect(rule(changed) == .mismatch, "\(key)")
        }
        var dropped = event
        dropped.data["request"] = nil
        #expect(rule(dropped) == .mismatch)
        var added = event
        added.data["x-more"] = .object([:])
        #expect(rule(added) == .unexpected)
    }

    @Test("An attestation missing, or of nobody, is noticed", arguments: AttestedWay.allStages)
    func missing(_ stage: Stage) throws {
        let event = try honest()
        #expect(rule(replacing(stage, in: event, by: nil)) == .missing)
        #expect(rule(replacing(stage, in: event, by: .null)) == .malformed)
        #expect(rule(replacing(stage, in: event, by: .string("x"))) == .malformed)
        var none = event
        none.data[Attestations.key] = nil
        #expect(rule(none) == .missing)
        none.data[Attestations.key] = .array([])
        #expect(rule(none) == .malformed)
        let extra = replacing(.uploader, in: event, by: envelopes(event)[stage.rawValue])
        #expect(rule(extra) == .unexpected)
    }

    @Test("Only a stage's own key speaks for it", arguments: AttestedWay.allStages)
    func keyOfAnother(_ stage: Stage) throws {
        let event = try honest()
        for other in AttestedWay.allStages {
            let signed = try restating(stage, in: event, by: other)
            #expect(rule(signed) == (other == stage ? nil : .forged), "\(other)")
        }
        let next = stage == .fetcher ? Stage.verifier : .fetcher
        let moved = replacing(stage, in: event, by: envelopes(event)[next.rawValue])
        #expect(rule(moved) == .forged)
    }

    @Test("A statement counts for its publication, stage, event and subject only")
    func statements() throws {
        let event = try honest()
        let other = try honest(Fixture.metadataBuilt(name: "other"))
        #expect(
            rule(try restating(.metadata, in: event) { $0.predicate.event = "image.withdrawn" })
                == .otherStage)
        let replayed = replacing(.scanner, in: event, by: envelopes(other)["scanner"])
        #expect(rule(replayed) == .otherPublication)
        #expect(
            rule(try restating(.scanner, in: event) { $0.predicate.stage = "verifier" })
                == .otherStage)
        #expect(
            rule(try restating(.scanner, in: event) { $0.predicate.event = "image.new" })
                == .otherStage)
        #expect(
            rule(try restating(.scanner, in: event) { $0.subject[0].digest.sha256 = "0" })
                == .subject)
        #expect(rule(try restating(.scanner, in: event) { $0.subject = [] }) == .subject)
        #expect(rule(try restating(.metadata, in: event) { $0.subject.removeLast() }) == .subject)
        var renamed = event
        renamed.subject = "debian"
        #expect(rule(renamed) == .subject)
        #expect(rule(try restating(.scanner, in: event, type: "text/plain")) == .malformed)
        #expect(rule(try restating(.scanner, in: event) { $0.predicateType = "x" }) == .malformed)
        #expect(rule(try restating(.scanner, in: event) { $0.type = "x" }) == .malformed)
        #expect(
            rule(try restating(.scanner, in: event) { $0.predicate.added.section = "verified" })
                == .otherStage)
    }

    @Test("What a stage saw is all that stood before its own section") func saw() throws {
        let event = try honest()
        #expect(
            rule(try restating(.scanner, in: event) { $0.predicate.saw["verified"] = nil })
                == .mismatch)
        #expect(
            rule(try restating(.scanner, in: event) { $0.predicate.saw["metadata"] = "" })
                == .mismatch)
        #expect(
            rule(try restating(.fetcher, in: event) { $0.predicate.saw["request"] = nil })
                == .mismatch)
        #expect(
            rule(try restating(.fetcher, in: event) { $0.predicate.saw["x"] = "" }) == .mismatch)
        let digest = try CanonicalJSON.sha256(of: try #require(event.data["verified"]))
        #expect(
            rule(try restating(.fetcher, in: event) { $0.predicate.saw["verified"] = digest })
                == .mismatch)
        #expect(
            rule(try restating(.scanner, in: event) { $0.predicate.saw["fetched"] = digest })
                == .mismatch)
    }

    /// Not even stages that all lie alike get another blob in between two of them.
    @Test("The blobs pass from stage to stage") func blobs() throws {
        let other = Fixture.blob(of: [1])
        for (key, member) in [("verified", "blob"), ("modified", "source"), ("scanned", "blob")] {
            var event = Fixture.metadataBuilt()
            guard case .object(var members)? = event.data[key] else { continue }
            members[member] = try EventCoding.value(of: other)
            event.data[key] = .object(members)
            #expect(rule(try honest(event)) == .subject, "\(key)")
        }
    }

    @Test("The lineage is kept as it was and can be checked again") func lineage() throws {
        let event = try honest()
        let bytes = try LineageDocument(of: event).bytes()
        let document = try #require(LineageDocument(parsing: bytes))
        #expect(document.publication == event.publication && document.data == event.data)
        try document.chain.check(by: keys)
        #expect(LineageDocument(parsing: Array("{}".utf8)) == nil)
        #expect(LineageDocument(parsing: []) == nil)
    }
}
