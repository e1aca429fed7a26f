// SPDX-License-Identifier: Apache-2.0
public import Events
public import Signatures

/// A worker's hand: signs what its stage has added to an event.
public struct Attestor: Sendable {
    public let stage: Stage
    private let key: Ed25519PrivateKey
    private let worker: Tool

    /// - Parameter version: of the worker's program.
    public init(stage: Stage, key: Ed25519PrivateKey, version: String) {
        self.stage = stage
        self.key = key
        worker = Tool(name: "imprimatur-\(stage.rawValue)", version: version)
    }

    /// With the key in `<directory>/<stage>.key`.
    ///
    /// - Throws: ``AttestationError/key(path:_:)``.
    public init(
        stage: Stage, keyDirectory: String, version: String
    ) throws(AttestationError) {
        let path = "\(keyDirectory)/\(stage.rawValue).key"
        do {
            self.init(
                stage: stage, key: try Ed25519PrivateKey(pemPath: path), version: version)
        } catch {
            throw .key(path: path, error)
        }
    }

    /// Whether an event leads to a signature, so that this stage attests it.
    public func attests(_ type: EventType) -> Bool {
        AttestedWay.allStages.contains(stage) && stage.emits == type
    }

    /// The stage's output with its envelope in `attestations`, beside those that are there.
    ///
    /// - Parameters:
    ///   - output: with all its sections, the stage's own among them.
    ///   - input: type of the event it was made from.
    /// - Throws: ``AttestationError``.
    public func attested(
        _ output: Event, after input: EventType
    ) throws(AttestationError) -> Event {
        var output = output
        var envelopes: [String: JSONValue] = [:]
        switch output.data[Attestations.key] {
        case nil: break
        case .object(let members): envelopes = members
        default: throw .unfit("the section '\(Attestations.key)' is not an object")
        }
        let envelope = try DSSEEnvelope(
            signing: try statement(output, after: input).bytes(),
            type: StageStatement.payloadType, with: key)
        do {
            envelopes[stage.rawValue] = try EventCoding.value(of: envelope)
        } catch {
            throw .unfit(EventCoding.describe(error))
        }
        output.data[Attestations.key] = .object(envelopes)
        return output
    }

    private func statement(
        _ output: Event, after input: EventType
    ) throws(AttestationError) -> StageStatement {
        guard let section = AttestedWay.section(of: stage), let added = output.data[section] else {
            throw .unfit("there is no section of the stage '\(stage.rawValue)'")
        }
        var saw: [String: String] = [:]
        for (key, value) in output.data where key != section && key != Attestations.key {
            saw[key] = try CanonicalJSON.sha256(of: value)
        }
        return StageStatement(
            subject: try AttestedWay.subjects(of: stage, name: output.subject, output.data),
            predicate: StageStatement.Predicate(
                publication: output.publication, stage: stage.rawValue, event: input.routingKey,
                saw: saw,
                added: StageStatement.Predicate.Added(
                    section: section, sha256: try CanonicalJSON.sha256(of: added)),
                worker: worker))
    }
}
