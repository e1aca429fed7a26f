// SPDX-License-Identifier: Apache-2.0
import Attestation
import BlobStore
import Events
import Foundation
import PipelineTesting
import Signatures
import TestSupport
import Testing

/// What somebody does who can publish to the broker and has no stage's key, or the wrong one.
struct Forgery: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Of the rejection that has to follow.
    let rule: String
    /// Makes the forged event for a publication of that name.
    let make: @Sendable (SignerBench, String) async throws -> Event

    private init(
        _ description: String, _ rule: String,
        _ make: @escaping @Sendable (SignerBench, String) async throws -> Event
    ) {
        testDescription = description
        self.rule = rule
        self.make = make
    }

    static let all: [Forgery] = byHand + replays + changes + keys

    private static let byHand = [
        Forgery("metadata.built written by hand", "lineage-attestation-missing") {
            try await $0.unattested($1)
        },
        Forgery("A withdrawal written by hand", "lineage-attestation-missing") { _, name in
            Fixture.revisionBuilt(name: name)
        },
        Forgery("Attestations that are an empty object", "lineage-attestation-missing") {
            try await $0.unattested($1).setting(Attestations.key, to: .object([:]))
        },
        Forgery("Attestations that are no object", "lineage-attestation-malformed") {
            try await $0.unattested($1).setting(Attestations.key, to: .string("all is well"))
        },
        Forgery(
            "A forged image.scanned that the metadata stage took for true",
            "lineage-attestation-missing"
        ) { bench, name in
            var event = try await bench.honest(name)
            for stage in [Stage.fetcher, .verifier, .modifier, .scanner] {
                event = event.attestation(of: stage, nil)
            }
            return event
        },
        Forgery(
            "A forged image.fetched that all later stages took for true",
            "lineage-attestation-missing"
        ) { bench, name in
            try await bench.honest(name).attestation(of: .fetcher, nil)
        },
    ]

    private static let replays = [
        Forgery("All attestations of another publication", "lineage-attestation-other-publication")
        { bench, name in
            let other = try await bench.honest("\(name)-other")
            return try await bench.unattested(name)
                .setting(Attestations.key, to: other.data[Attestations.key])
        },
        Forgery("One attestation of another publication", "lineage-attestation-other-publication") {
            bench, name in
            let other = try await bench.honest("\(name)-other")
            return try await bench.honest(name)
                .attestation(of: .scanner, other.attestation(of: .scanner))
        },
        // Two images in one publication: whoever may ask for images chooses its id.
        Forgery("The scanner's attestation of another digest", "lineage-attestation-subject") {
            bench, name in
            let clean = try await bench.honest(name, image: Fixture.imageBytes + [1])
            return try await bench.honest(name)
                .attestation(of: .scanner, clean.attestation(of: .scanner))
        },
        Forgery("The verifier's attestation of the scanner's work", "lineage-attestation-forged") {
            bench, name in
            let event = try await bench.honest(name)
            return event.attestation(of: .scanner, event.attestation(of: .verifier))
        },
        Forgery("The verifier's attestation of another request", "lineage-attestation-mismatch") {
            bench, name in
            let other = try await bench.honest(
                name, waived: [Waiver(check: "setuid", reason: "accepted")])
            return try await bench.honest(name)
                .attestation(of: .verifier, other.attestation(of: .verifier))
        },
        Forgery(
            "Everything of another publication, under this one's id",
            "lineage-attestation-other-publication"
        ) { bench, name in
            var event = try await bench.honest("\(name)-other")
            event.publication = Fixture.publication(name: name)
            return event
        },
        Forgery("Everything of another image, under this one's name", "lineage-attestation-subject")
        { bench, name in
            var event = try await bench.honest(name)
            event.subject = "debian-13"
            return event
        },
    ]

    private static let other = Fixture.blob(of: [1, 2, 3])

    private static let changes = [
        Forgery("The scan is not attested", "lineage-attestation-missing") {
            try await $0.honest($1).attestation(of: .scanner, nil)
        },
        Forgery("Another image after the scan", "lineage-attestation-subject") { bench, name in
            let blob = try await bench.store.put([1, 2, 3], for: "forger")
            return try await bench.honest(name).changing("modified", "blob", to: blob)
        },
        Forgery("Another image in every section", "lineage-attestation-subject") { bench, name in
            let evil = try await bench.unattested(name, image: Fixture.imageBytes + [1])
            let honest = try await bench.honest(name)
            return evil.setting(Attestations.key, to: honest.data[Attestations.key])
        },
        Forgery("Another document", "lineage-attestation-subject") { bench, name in
            let blob = try await bench.store.put(Array("<rdf:RDF/>".utf8), for: "forger")
            return try await bench.honest(name).changing("metadata", "document", to: blob)
        },
        Forgery("Another identifier of the document", "lineage-attestation-mismatch") {
            try await $0.honest($1).changing("metadata", "identifier", to: Fixture.identifier)
        },
        Forgery("A waiver more in the request", "lineage-attestation-mismatch") {
            try await $0.honest($1).changing(
                "request", "waivers", to: [Waiver(check: "setuid", reason: "accepted")])
        },
        Forgery("A waiver reworded in the scan", "lineage-attestation-mismatch") { bench, name in
            let waiver = Waiver(check: "setuid", reason: "accepted")
            return try await bench.honest(name, waived: [waiver]).changing(
                "scanned", "waived", to: [Waiver(check: "setuid", reason: "harmless")])
        },
        Forgery("Another scan report", "lineage-attestation-mismatch") { bench, name in
            let report = try await bench.store.put(
                Fixture.scanReport(waived: []) + [10], for: "forger")
            return try await bench.honest(name).changing("scanned", "report", to: report)
        },
        Forgery("Another source", "lineage-attestation-mismatch") {
            try await $0.honest($1).changing("fetched", "url", to: "https://evil.example.org/x")
        },
        Forgery("Evidence added", "lineage-attestation-mismatch") {
            try await $0.honest($1).changing("verified", "evidence", to: [Verified.Evidence]())
        },
        Forgery("A member that nobody knows", "lineage-attestation-mismatch") {
            try await $0.honest($1).changing("verified", "x-note", to: "checked by hand")
        },
        Forgery("A section that nobody knows", "lineage-attestation-unexpected") {
            try await $0.honest($1).setting("x-approval", to: .object([:]))
        },
        Forgery("The attestation of a stage that nobody knows", "lineage-attestation-unexpected") {
            bench, name in
            let event = try await bench.honest(name)
            guard case .object(var envelopes)? = event.data[Attestations.key] else { return event }
            envelopes["notary"] = envelopes["scanner"]
            return event.setting(Attestations.key, to: .object(envelopes))
        },
    ]

    private static let keys = [
        Forgery("Everything signed with keys of one's own", "lineage-attestation-forged") {
            bench, name in
            let own = try await AttestationKeyFiles()
            return try Fixture.attested(
                try await bench.unattested(name), keys: own.privateDirectory)
        },
        Forgery("The fetcher's key speaks for the scanner", "lineage-attestation-forged") {
            bench, name in
            try await bench.honest(name).resigned(.scanner, by: "fetcher", bench)
        },
        Forgery("The scanner's key speaks for the metadata stage", "lineage-attestation-forged") {
            bench, name in
            try await bench.honest(name).resigned(.metadata, by: "scanner", bench)
        },
        Forgery("A signature of another payload", "lineage-attestation-forged") { bench, name in
            let event = try await bench.honest(name)
            let other = try await bench.honest("\(name)-other")
            guard var envelope = event.envelope(of: .scanner),
                let second = other.envelope(of: .scanner)
            else { return event }
            envelope.signatures = second.signatures
            return try event.attestation(of: .scanner, EventCoding.value(of: envelope))
        },
        Forgery("Another payload type over the same payload", "lineage-attestation-forged") {
            bench, name in
            let event = try await bench.honest(name)
            guard var envelope = event.envelope(of: .scanner) else { return event }
            envelope.payloadType = "application/json"
            return try event.attestation(of: .scanner, EventCoding.value(of: envelope))
        },
        Forgery("No signature at all", "lineage-attestation-forged") { bench, name in
            let event = try await bench.honest(name)
            guard var envelope = event.envelope(of: .scanner) else { return event }
            envelope.signatures = []
            return try event.attestation(of: .scanner, EventCoding.value(of: envelope))
        },
    ]
}

extension Event {
    func setting(_ key: String, to value: JSONValue?) -> Event {
        var copy = self
        copy.data[key] = value
        return copy
    }

    /// The event with one member of a section changed.
    func changing(_ section: String, _ member: String, to value: some Encodable) throws -> Event {
        guard case .object(var members)? = data[section] else { return self }
        members[member] = try EventCoding.value(of: value)
        return setting(section, to: .object(members))
    }

    func attestation(of stage: Stage) -> JSONValue? {
        data[Attestations.key]?[stage.rawValue]
    }

    func attestation(of stage: Stage, _ envelope: JSONValue?) -> Event {
        guard case .object(var envelopes)? = data[Attestations.key] else { return self }
        envelopes[stage.rawValue] = envelope
        return setting(Attestations.key, to: .object(envelopes))
    }

    func envelope(of stage: Stage) -> DSSEEnvelope? {
        attestation(of: stage).flatMap { try? EventCoding.decode(DSSEEnvelope.self, from: $0) }
    }

    /// The stage's own statement under the signature of another key.
    func resigned(_ stage: Stage, by other: String, _ bench: SignerBench) throws -> Event {
        let key = try Ed25519PrivateKey(pemPath: "\(bench.keys.privateDirectory)/\(other).key")
        guard let envelope = envelope(of: stage),
            let payload = Data(base64Encoded: envelope.payload)
        else { return self }
        let signed = try DSSEEnvelope(
            signing: Array(payload), type: envelope.payloadType, with: key)
        return attestation(of: stage, try EventCoding.value(of: signed))
    }
}
