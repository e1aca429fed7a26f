// SPDX-License-Identifier: Apache-2.0
public import Attestation
public import Events

extension Fixture {
    /// The event as it would be had each stage on its way attested its section.
    ///
    /// - Parameter directory: holds the stages' private keys.
    public static func attested(
        _ event: Event, keys directory: String
    ) throws(AttestationError) -> Event {
        let stages = AttestedWay(of: event.data).stages
        let sections = stages.compactMap { AttestedWay.section(of: $0) }
        var partial = event
        for section in sections + [Attestations.key] { partial.data[section] = nil }
        for (stage, section) in zip(stages, sections) {
            partial.data[section] = event.data[section]
            let attestor = try Attestor(stage: stage, keyDirectory: directory, version: "1")
            let input =
                event.data[DocumentRevision.key] == nil
                ? stage.consumes[0] : EventType.imageWithdrawn
            partial = try attestor.attested(partial, after: input)
        }
        return partial
    }
}
