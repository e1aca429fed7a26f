// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport
import Testing

/// Signed documents changed at random: none is accepted unless it is the same document still.
///
/// The same means: what the signature covers is the same byte for byte in canonical form
/// (``CanonicalForm``), so is the SignedInfo, and the fields that we read are equal. A signature
/// does not cover the certificate, only needs its key; what vouches for the rest of it is its
/// issuer. So a changed certificate must be untrusted, unless it is the same byte for byte.
///
/// `IMPRIMATUR_FUZZ_SECONDS` says for how long (30 when absent), `IMPRIMATUR_FUZZ_SEED` repeats a
/// run, and in the folder `IMPRIMATUR_FUZZ_FOLDER` stands the last document of each thread, should
/// the process have died of it.
@Suite(.timeLimit(.minutes(600))) struct MutationRunTests {
    /// One document with what must not change.
    struct Original: Sendable {
        let bytes: [UInt8]
        let document: MetadataDocument
        let form: CanonicalForm

        /// What is not the same in a document that was accepted; empty when nothing is.
        func difference(from other: MetadataDocument, _ form: CanonicalForm?) -> String {
            guard let form else { return "no canonical form" }
            if form.covered != self.form.covered { return "content" }
            if form.signedInfo != self.form.signedInfo { return "SignedInfo" }
            return document.fields == other.fields ? "" : "fields"
        }
    }

    struct Tally: Sendable {
        var mutants = 0
        var parsed = 0
        var accepted = 0
        var wrong: [String] = []
    }

    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = environment["IMPRIMATUR_FUZZ_SECONDS"].flatMap(Int.init) ?? 30
    private static let seed =
        environment["IMPRIMATUR_FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
    /// The suite's other tests need a core, too.
    private static let threads = environment["IMPRIMATUR_FUZZ_FOLDER"] == nil ? 1 : 2
    private static let time = Int64(Date().timeIntervalSince1970)

    @Test func noMutantIsAcceptedUnlessItIsTheSameDocument() async throws {
        let originals = try await Self.originals()
        let anchors = try TrustAnchors(paths: [try await Endorsers.authority().authorityPath])
        for original in originals {
            let certificate = try Certificate(der: original.form.certificate)
            guard case .trusted = anchors.judge(certificate, at: Self.time) else {
                Issue.record("the originals' certificates are not trusted")
                return
            }
        }
        print("mutation run: seed \(Self.seed), \(Self.seconds) s, \(originals.count) documents")
        let start = ContinuousClock.now
        let tally = await withTaskGroup { group in
            for thread in 0..<Self.threads {
                group.addTask {
                    Self.run(thread, until: start + .seconds(Self.seconds), originals, anchors)
                }
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
            Issue.record("accepted, seed \(Self.seed): \(wrong)")
        }
        // A run that accepts nothing at all has not mutated gently enough to prove anything.
        #expect(tally.mutants > 0)
        #expect(tally.accepted > 0 || tally.mutants < 200)
    }

    private static func run(
        _ thread: Int, until end: ContinuousClock.Instant, _ originals: [Original],
        _ anchors: TrustAnchors
    ) -> Tally {
        var tally = Tally()
        var mutator = Mutator(
            seed: seed &+ UInt64(thread), corpus: originals.map(\.bytes))
        let last = environment["IMPRIMATUR_FUZZ_FOLDER"].map { "\($0)/last-\(thread).xml" }
        while ContinuousClock.now < end {
            let original = originals[tally.mutants % originals.count]
            let mutant = mutator.mutant(of: original.bytes)
            if let last { try? Data(mutant).write(to: URL(filePath: last)) }
            judge(mutant, of: originals, anchors, into: &tally)
        }
        return tally
    }

    private static func judge(
        _ mutant: [UInt8], of originals: [Original], _ anchors: TrustAnchors,
        into tally: inout Tally
    ) {
        tally.mutants += 1
        guard let document = try? MetadataDocument(parsing: mutant) else { return }
        tally.parsed += 1
        guard case .valid(_, let certificate, _) = document.verdict(allowsSHA1Digest: true) else {
            return
        }
        tally.accepted += 1
        // A mutant may have become another of the documents, by what was planted into it.
        let form = CanonicalForm(mutant)
        var differences = originals.map { $0.difference(from: document, form) }
        if differences.contains("") {
            let isSame = originals.contains { $0.form.certificate == certificate.der }
            let trust = anchors.judge(certificate, at: time)
            if case .trusted = trust, !isSame { differences = ["certificate"] } else { return }
        }
        tally.wrong.append(
            "\(Set(differences).sorted()): \(String(decoding: mutant, as: UTF8.self))")
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
            return Original(bytes: bytes, document: document, form: form)
        }
    }
}
