// SPDX-License-Identifier: Apache-2.0
import StratusLab
import Testing
import XMLDocuments

/// Why a document is refused: what kind of rule it breaks, and where.
enum Refusal: Sendable, Hashable {
    /// The rule of ``XMLDocumentsError`` that it breaks.
    case malformed(String)
    /// The element that makes it no metadata document.
    case notMetadata(String)
    case unsigned
    case signature(String)
    case constraint(String)
    case consistency(String)

    init(_ finding: MetadataFinding) {
        switch finding.kind {
        case .unsigned: self = .unsigned
        case .signature: self = .signature(finding.element)
        case .constraint: self = .constraint(finding.element)
        case .consistency: self = .consistency(finding.element)
        }
    }

    init(_ error: StratusLabError) {
        switch error {
        case .malformed(let error): self = .malformed(error.rule)
        case .notMetadata(let element, _): self = .notMetadata(element)
        default: self = .malformed("\(error)")
        }
    }

    /// All that we have against a document; empty when we accept it. A SHA-1 digest alone is no
    /// reason here: there is a test for that.
    static func ours(_ bytes: [UInt8]) -> [Refusal] {
        do throws(StratusLabError) {
            let document = try MetadataDocument(parsing: bytes)
            return document.verdict(allowsSHA1Digest: true).findings.map { Refusal($0) }
        } catch {
            return [Refusal(error)]
        }
    }
}

/// A document that must be refused: its name, the reason, and how it is made.
struct HostileDocument: Sendable, CustomTestStringConvertible {
    let name: String
    let refusal: Refusal
    let make: @Sendable (Workshop) async throws -> [UInt8]

    var testDescription: String { name }

    init(
        _ name: String, _ refusal: Refusal,
        _ make: @escaping @Sendable (Workshop) async throws -> [UInt8]
    ) {
        self.name = name
        self.refusal = refusal
        self.make = make
    }

    /// One change of the content, then signed by the one whom the endorsement names, so that
    /// nothing but the change can be the reason.
    static func content(
        _ name: String, _ refusal: Refusal, _ from: String, _ to: String
    ) -> HostileDocument {
        HostileDocument(name, refusal) { try $0.resigned(from, to) }
    }

    /// One change of the signature, which does not cover itself.
    static func meddled(
        _ name: String, _ element: String, _ from: String, _ to: String
    ) -> HostileDocument {
        meddled(name, .signature(element), from, to)
    }

    static func meddled(
        _ name: String, _ refusal: Refusal, _ from: String, _ to: String
    ) -> HostileDocument {
        HostileDocument(name, refusal) { try $0.meddled(from, to) }
    }

    /// A signature of another form, made with the endorser's own key.
    static func forged(
        _ name: String, _ element: String, _ change: @escaping @Sendable (inout Forgery) -> Void
    ) -> HostileDocument {
        HostileDocument(name, .signature(element)) { workshop in
            var forgery = Forgery()
            change(&forgery)
            return Array(try await forgery.sign(workshop.draft, by: workshop.endorser).utf8)
        }
    }

    /// One change of the signed bytes themselves, for what is refused before signatures count.
    static func text(
        _ name: String, _ refusal: Refusal, _ from: String, _ to: String
    ) -> HostileDocument {
        HostileDocument(name, refusal) {
            Array(try Workshop.replace(from, with: to, in: $0.genuine).utf8)
        }
    }
}
