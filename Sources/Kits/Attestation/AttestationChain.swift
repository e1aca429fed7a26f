// SPDX-License-Identifier: Apache-2.0
public import Events
import Signatures

/// The attestations of an event that leads to a signature, and the sections they are about.
///
/// It holds when every stage on the event's way has attested with a key of its own that, working
/// on this publication, it saw the very sections that stand before its own, and added the very one
/// that is there. So a section cannot be changed, added, dropped or brought in from another
/// publication by anybody who has no stage's key.
public struct AttestationChain: Sendable {
    private let publication: String
    private let name: String
    private let data: [String: JSONValue]

    public init(of event: Event) {
        self.init(publication: event.publication, subject: event.subject, data: event.data)
    }

    /// - Parameter subject: of the event.
    public init(publication: String, subject: String, data: [String: JSONValue]) {
        self.publication = publication
        name = subject
        self.data = data
    }

    /// - Throws: ``AttestationBreach``, or `SignaturesError` when OpenSSL has no answer.
    public func check(by keys: AttestationKeys) throws {
        let way = AttestedWay(of: data)
        let envelopes = try envelopes(of: way)
        let digests = try digests()
        var before: Set<String> = []
        for (index, stage) in way.stages.enumerated() {
            let predicate = try statement(of: stage, way, envelopes, keys[stage]).predicate
            if index == 0 { before = try beginning(predicate, way) }
            try check(predicate, of: stage, before, digests)
            before.insert(predicate.added.section)
        }
        if way == .image { try checkBlobs() }
        if let section = digests.keys.sorted().first(where: { !before.contains($0) }) {
            throw AttestationBreach(
                .unexpected, "no stage has seen the section '\(section.prefix(64))'",
                evidence: ["section": section])
        }
    }

    private func envelopes(of way: AttestedWay) throws(AttestationBreach) -> [String: JSONValue] {
        guard let section = data[Attestations.key] else {
            throw AttestationBreach(
                .missing, "no stage has attested its work",
                evidence: ["stage": way.stages[0].rawValue])
        }
        guard case .object(let envelopes) = section else {
            throw AttestationBreach(.malformed, "the attestations are not an object")
        }
        let names = Set(way.stages.map(\.rawValue))
        if let name = envelopes.keys.sorted().first(where: { !names.contains($0) }) {
            throw AttestationBreach(
                .unexpected, "'\(name.prefix(64))' is not a stage on the way to a signature",
                evidence: ["stage": name])
        }
        return envelopes
    }

    private func digests() throws(AttestationBreach) -> [String: String] {
        var digests: [String: String] = [:]
        for (key, value) in data where key != Attestations.key {
            do {
                digests[key] = try CanonicalJSON.sha256(of: value)
            } catch {
                throw AttestationBreach(
                    .malformed, "the section '\(key.prefix(64))': \(error)",
                    evidence: ["section": key])
            }
        }
        return digests
    }

    // MARK: - One stage

    /// The stage's statement: signed by it, of the right types, about its work on this publication.
    private func statement(
        of stage: Stage, _ way: AttestedWay, _ envelopes: [String: JSONValue],
        _ keys: [Ed25519PublicKey]
    ) throws -> StageStatement {
        let evidence = ["stage": stage.rawValue]
        guard let value = envelopes[stage.rawValue] else {
            throw AttestationBreach(
                .missing, "the \(stage.rawValue) has not attested its work", evidence: evidence)
        }
        func malformed(_ reason: String) -> AttestationBreach {
            AttestationBreach(
                .malformed, "the \(stage.rawValue)'s attestation: \(reason)", evidence: evidence)
        }
        guard let envelope = try? EventCoding.decode(DSSEEnvelope.self, from: value) else {
            throw malformed("not a DSSE envelope")
        }
        guard let payload = try envelope.payload(signedByOneOf: keys) else {
            throw AttestationBreach(
                .forged, "no key of the \(stage.rawValue) has signed its attestation",
                evidence: evidence)
        }
        guard envelope.payloadType == StageStatement.payloadType else {
            throw malformed("its payload's type is '\(envelope.payloadType.prefix(64))'")
        }
        guard let statement = StageStatement(parsing: payload) else {
            throw malformed("not a statement of a stage's work")
        }
        guard statement.type == StageStatement.statementType,
            statement.predicateType == StageStatement.predicateType
        else { throw malformed("its type is '\(statement.predicateType.prefix(64))'") }
        try check(statement, of: stage, way)
        return statement
    }

    private func check(
        _ statement: StageStatement, of stage: Stage, _ way: AttestedWay
    ) throws(AttestationBreach) {
        let predicate = statement.predicate
        guard predicate.stage == stage.rawValue,
            predicate.added.section == AttestedWay.section(of: stage),
            way.inputs(of: stage).contains(where: { $0.routingKey == predicate.event })
        else {
            throw AttestationBreach(
                .otherStage, "the \(stage.rawValue)'s attestation is about other work",
                evidence: ["stage": stage.rawValue, "found": predicate.stage])
        }
        guard predicate.publication == publication else {
            throw AttestationBreach(
                .otherPublication,
                "the \(stage.rawValue)'s attestation is about another publication",
                evidence: ["stage": stage.rawValue, "found": predicate.publication])
        }
        let subjects = try? AttestedWay.subjects(of: stage, name: name, data)
        guard let subjects, subjects == statement.subject else {
            throw AttestationBreach(
                .subject, "the \(stage.rawValue)'s attestation is about another image or document",
                evidence: [
                    "stage": stage.rawValue,
                    "found": statement.subject.first?.digest.sha256 ?? "none",
                    "expected": subjects?.first?.digest.sha256 ?? "none",
                ])
        }
    }

    /// The sections that were there before any stage worked: the origin, and what else the event
    /// brought along. None of them can be one that a stage adds.
    private func beginning(
        _ first: StageStatement.Predicate, _ way: AttestedWay
    ) throws(AttestationBreach) -> Set<String> {
        let before = Set(first.saw.keys)
        let later = AttestedWay.allStages.compactMap { AttestedWay.section(of: $0) }
        guard before.contains(way.origin), before.isDisjoint(with: later),
            !before.contains(Attestations.key)
        else {
            throw AttestationBreach(
                .mismatch, "the \(first.stage) saw other sections than those of a request",
                evidence: ["stage": first.stage, "found": list(before)])
        }
        return before
    }

    /// - Parameter before: the sections that stand before the stage's own.
    private func check(
        _ predicate: StageStatement.Predicate, of stage: Stage, _ before: Set<String>,
        _ digests: [String: String]
    ) throws(AttestationBreach) {
        guard Set(predicate.saw.keys) == before else {
            throw AttestationBreach(
                .mismatch, "the \(stage.rawValue) saw other sections than those before it",
                evidence: [
                    "stage": stage.rawValue, "found": list(Set(predicate.saw.keys)),
                    "expected": list(before),
                ])
        }
        var named = predicate.saw
        named[predicate.added.section] = predicate.added.sha256
        for (section, sha256) in named.sorted(by: { $0.key < $1.key })
        where digests[section] != sha256 {
            throw AttestationBreach(
                .mismatch,
                "the section '\(section.prefix(64))' is not the one that the \(stage.rawValue)"
                    + (section == predicate.added.section ? " added" : " saw"),
                evidence: [
                    "stage": stage.rawValue, "section": section, "attested": sha256,
                    "found": digests[section] ?? "none",
                ])
        }
    }

    /// The bytes pass from one stage to the next.
    private func checkBlobs() throws(AttestationBreach) {
        let steps = [
            (Fetched.key, "blob", Verified.key, "blob"),
            (Verified.key, "blob", Modified.key, "source"),
            (Modified.key, "blob", Scanned.key, "blob"),
        ]
        for (one, member, next, nextMember) in steps
        where data[one]?[member] == nil || data[one]?[member] != data[next]?[nextMember] {
            throw AttestationBreach(
                .subject, "\(next).\(nextMember) is not \(one).\(member)",
                evidence: [
                    "found": data[next]?[nextMember]?["sha256"]?.string ?? "none",
                    "expected": data[one]?[member]?["sha256"]?.string ?? "none",
                ])
        }
    }

    private func list(_ keys: Set<String>) -> String { keys.sorted().joined(separator: " ") }
}
