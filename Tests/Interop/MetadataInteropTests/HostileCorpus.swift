// SPDX-License-Identifier: Apache-2.0

/// All documents that must be refused, made once.
enum HostileCorpus {
    static let all: [HostileDocument] =
        SignatureTampering.all + SignatureForgeries.all + SignatureWrapping.all + WeakKeys.all
        + EntityAttacks.all
        + SizeAttacks.all + EncodingAttacks.all + ConstraintViolations.all + RDFViolations.all
        + EndorserContradictions.all

    /// A made document; `bytes` is empty, with the reason, when it cannot be made.
    struct Specimen: Sendable {
        let document: HostileDocument
        let bytes: [UInt8]
        var failure: String?
    }

    static let made = Task {
        let workshop = try await Workshop.shared()
        var specimens: [Specimen] = []
        for document in all {
            do {
                let bytes = try await document.make(workshop)
                specimens.append(Specimen(document: document, bytes: bytes))
            } catch {
                specimens.append(Specimen(document: document, bytes: [], failure: "\(error)"))
            }
        }
        return specimens
    }
}
