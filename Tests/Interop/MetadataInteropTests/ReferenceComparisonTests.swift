// SPDX-License-Identifier: Apache-2.0
import Foundation
import StratusLab
import TestSupport
import Testing

/// The reference's verdicts beside ours: where they differ, ours is the stricter, on purpose, and
/// the documentation says why.
@Suite(.timeLimit(.minutes(10))) struct ReferenceComparisonTests {
    private static let page =
        "Sources/Tools/Control/Documentation.docc/StricterThanTheReference.md"

    /// What both say of one document.
    private struct Comparison {
        var name: String
        var ours: [Refusal]
        var reference: JavaReference.Verdict
    }

    @Test func theReferenceAcceptsExactlyThisOfTheCorpus() async throws {
        let specimens = try await HostileCorpus.made.value.filter { $0.failure == nil }
        let accepted = try await Self.compare(
            specimens.map { ($0.document.name, $0.bytes) }
        ).filter(\.reference.isValid).map(\.name)
        let pinned = Strictness.corpus.values.flatMap { $0 }
        #expect(Set(accepted).subtracting(pinned) == [], "the reference accepts more")
        #expect(Set(pinned).subtracting(accepted) == [], "the reference accepts less")
    }

    @Test func bothSayTheSameOfVariantsButWhereWeAreStricter() async throws {
        let workshop = try await Workshop.shared()
        var made: [(String, [UInt8])] = []
        for variant in BenignVariant.all {
            made.append((variant.name, try await variant.make(workshop)))
        }
        let comparisons = try await Self.compare(made)
        #expect(comparisons.filter(\.reference.isValid).count >= 100)
        for comparison in comparisons where !comparison.reference.isValid {
            #expect(
                !comparison.ours.isEmpty,
                "we accept '\(comparison.name)', the reference: \(comparison.reference)")
        }
        let stricter = comparisons.filter { $0.reference.isValid && !$0.ours.isEmpty }
        let pinned = Strictness.variants.values.flatMap { $0 }
        for comparison in stricter where !pinned.contains(comparison.name) {
            Issue.record("only we refuse '\(comparison.name)': \(comparison.ours)")
        }
        let missing = Set(pinned).subtracting(stricter.map(\.name))
        #expect(missing == [], "pinned, but accepted by us or refused by both")
    }

    @Test func eachStrictnessIsDocumented() throws {
        let text = try String(contentsOfFile: "\(repositoryRoot)/\(Self.page)", encoding: .utf8)
        let rows = text.split(separator: "\n").compactMap { line -> String? in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            guard cells.count == 4 else { return nil }
            return cells[1].trimmingCharacters(in: .whitespaces)
        }
        for strictness in Strictness.allCases {
            #expect(rows.contains(strictness.rawValue))
            let documents =
                (Strictness.corpus[strictness] ?? []) + (Strictness.variants[strictness] ?? [])
            #expect(!documents.isEmpty, "nothing shows '\(strictness.rawValue)'")
        }
    }

    private static func compare(_ documents: [(String, [UInt8])]) async throws -> [Comparison] {
        let folder = try TemporaryDirectory()
        let files = try documents.enumerated().map {
            try folder.write($0.element.1, to: "\($0.offset).xml")
        }
        let verdicts = try await JavaReference.instance().judge(files)
        return zip(documents, verdicts).map {
            Comparison(name: $0.0, ours: Refusal.ours($0.1), reference: $1)
        }
    }
}
