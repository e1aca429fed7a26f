// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import StratusLab
import TestSupport
import Testing

/// Signed documents changed at random: none is accepted unless it is the same document still.
///
/// `IMPRIMATUR_FUZZ_SECONDS` says for how long (20 when absent), `IMPRIMATUR_FUZZ_SEED` repeats a
/// run, and in the folder `IMPRIMATUR_FUZZ_FOLDER` stands the last document of each thread, should
/// the process have died of it.
@Suite(.timeLimit(.minutes(600))) struct MutationRunTests {
    /// One document with what must not change.
    struct Original: Sendable {
        let bytes: [UInt8]
        let document: MetadataDocument
        let form: Set<CanonicalForm>
    }

    struct Tally: Sendable {
        var mutants = 0
        var parsed = 0
        var accepted = 0
        var wrong: [[UInt8]] = []
    }

    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = environment["IMPRIMATUR_FUZZ_SECONDS"].flatMap(Int.init) ?? 20
    private static let seed =
        environment["IMPRIMATUR_FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
    private static let threads = 2

    @Test func noMutantIsAcceptedUnlessItIsTheSameDocument() async throws {
        let originals = try await Self.originals()
        print("mutation run: seed \(Self.seed), \(Self.seconds) s, \(originals.count) documents")
        let start = ContinuousClock.now
        let tally = await withTaskGroup { group in
            for thread in 0..<Self.threads {
                group.addTask { Self.run(thread, until: start + .seconds(Self.seconds), originals) }
            }
            return await group.reduce(into: Tally()) { sum, part in
                sum.mutants += part.mutants
                sum.parsed += part.parsed
                sum.accepted += part.accepted
                sum.wrong += part.wrong
            }
        }
        print(
            "mutation run: \(tally.mutants) mutants, \(tally.parsed) readable, "
                + "\(tally.accepted) accepted, \(tally.wrong.count) of them wrongly")
        for wrong in tally.wrong.prefix(5) {
            Issue.record("accepted, seed \(Self.seed): \(String(decoding: wrong, as: UTF8.self))")
        }
        // A run that accepts nothing at all has not mutated gently enough to prove anything.
        #expect(tally.mutants > 100)
        #expect(tally.accepted > 0)
    }

    private static func run(
        _ thread: Int, until end: ContinuousClock.Instant, _ originals: [Original]
    ) -> Tally {
        var tally = Tally()
        var mutator = Mutator(
            seed: seed &+ UInt64(thread), corpus: originals.map(\.bytes))
        let last = environment["IMPRIMATUR_FUZZ_FOLDER"].map { "\($0)/last-\(thread).xml" }
        while ContinuousClock.now < end {
            let original = originals[tally.mutants % originals.count]
            let mutant = mutator.mutant(of: original.bytes)
            if let last { try? Data(mutant).write(to: URL(filePath: last)) }
            judge(mutant, of: originals, into: &tally)
        }
        return tally
    }

    private static func judge(_ mutant: [UInt8], of originals: [Original], into tally: inout Tally)
    {
        tally.mutants += 1
        guard let document = try? MetadataDocument(parsing: mutant) else { return }
        tally.parsed += 1
        guard document.verdict(allowsSHA1Digest: true).isValid else { return }
        tally.accepted += 1
        // A mutant may have become another of the documents, by what was planted into it.
        let form = CanonicalForm(mutant)
        let isSame = originals.contains { original in
            form.map { original.form.contains($0) } ?? false
                && document.fields == original.document.fields
        }
        if !isSame { tally.wrong.append(mutant) }
    }

    /// Documents of both profiles, and one that Java signed.
    private static func originals() async throws -> [Original] {
        let workshop = try await Workshop.shared()
        let java = try await JavaReference.instance()
        var documents = [Array(workshop.genuine.utf8)]
        documents.append(
            try MetadataDocument(parsing: documents[0]).signed(
                by: workshop.endorser.identity, profile: .modern, created: Endorsers.time
            ).bytes)
        documents.append(try await java.sign(documents[0], workshop.endorser.issued))
        var fields = Workshop.fields
        (fields.title, fields.description) = ("Grüße & <日本>", "line\nline\ttab \u{1F600}")
        fields.locations = ["http://example.org/a?b=c&d=e", "https://example.net/"]
        documents.append(
            try MetadataDocument.build(fields).signed(
                by: workshop.stranger.identity, profile: .stratuslab, created: Endorsers.time
            ).bytes)
        return try documents.map { bytes in
            let form = try #require(CanonicalForm(bytes))
            let document = try MetadataDocument(parsing: bytes)
            #expect(document.verdict(allowsSHA1Digest: true).isValid)
            return Original(bytes: bytes, document: document, form: [form])
        }
    }
}
