// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport

/// Combinations of key, name, content and shape, so that every value of each meets many of the
/// others.
struct InteropMatrix: Sendable {
    /// A document to sign, and who signs it.
    struct Combination: Sendable {
        let name: String
        let endorser: Endorser
        let unsigned: MetadataDocument
    }

    let combinations: [Combination]

    private static let made = Task { try await InteropMatrix() }
    static func shared() async throws -> InteropMatrix { try await made.value }

    /// The lengths of the lists (12, 15, 16) make the strides below meet new partners each round.
    private static let count = 72

    private init() async throws {
        let endorsers = try await Endorsers.all.value
        let contents = DocumentShapes.contents
        let shapes = DocumentShapes.shapes
        combinations = try (0..<Self.count).map { index in
            let endorser = endorsers[(index + index / endorsers.count) % endorsers.count]
            let content = contents[index % contents.count]
            let shape = shapes[(index * 3 + index / shapes.count) % shapes.count]
            var fields = Workshop.fields
            content.change(&fields)
            let built = try MetadataDocument.build(fields)
            let text = try shape.change(String(decoding: built.bytes, as: UTF8.self))
            return Combination(
                name: "\(index): \(endorser.identity.certificate.subject), \(content.name), "
                    + shape.name,
                endorser: endorser, unsigned: try MetadataDocument(parsing: Array(text.utf8)))
        }
    }

    func signed(_ profile: SignatureProfile) throws -> [MetadataDocument] {
        try combinations.map {
            try $0.unsigned.signed(
                by: $0.endorser.identity, profile: profile, created: Endorsers.time)
        }
    }
}
