// SPDX-License-Identifier: Apache-2.0
import Foundation
import StratusLab
import TestSupport
import Testing

/// Every document of the corpus is refused, for the reason it was made for.
@Suite(.timeLimit(.minutes(10))) struct HostileCorpusTests {
    @Test func theCorpusIsLargeAndEachOfItsDocumentsHasItsName() {
        #expect(HostileCorpus.all.count >= 200)
        let names = HostileCorpus.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    /// What the corpus is made from is good: whatever is refused is refused for its change.
    @Test func theDocumentItIsMadeFromIsGood() async throws {
        let workshop = try await Workshop.shared()
        #expect(Refusal.ours(Array(workshop.genuine.utf8)) == [])
        #expect(Refusal.ours(try workshop.sign(workshop.draft)) == [])
        let forged = try await Forgery().sign(workshop.draft, by: workshop.endorser)
        #expect(Refusal.ours(Array(forged.utf8)) == [])
    }

    @Test func everyHostileDocumentIsRefusedForItsReason() async throws {
        for specimen in try await HostileCorpus.made.value {
            let name = specimen.document.name
            if let failure = specimen.failure {
                Issue.record("\(name): cannot be made: \(failure)")
                continue
            }
            let refusals = Refusal.ours(specimen.bytes)
            #expect(!refusals.isEmpty, "accepted: \(name)")
            let reason = specimen.document.refusal
            #expect(refusals.contains(reason), "\(name): \(refusals) instead of \(reason)")
        }
    }

    /// A marketplace's listing around them makes nothing better. What stands outside the root
    /// element belongs to no document there: then the good one comes out.
    @Test func hostileDocumentsStaySoInsideAListing() async throws {
        let workshop = try await Workshop.shared()
        let good = try Self.accepted(inListing: Array(workshop.genuine.utf8))
        #expect(good.count == 1)
        for specimen in try await HostileCorpus.made.value {
            let accepted = (try? Self.accepted(inListing: specimen.bytes)) ?? []
            #expect(accepted.allSatisfy { good.contains($0) }, "\(specimen.document.name)")
        }
    }

    /// The documents that are accepted of a listing that holds this one.
    private static func accepted(inListing bytes: [UInt8]) throws -> [[UInt8]] {
        let end = bytes.firstRange(of: Array("?>".utf8))?.upperBound ?? 0
        let listing = Array("<metadata>".utf8) + bytes[end...] + Array("</metadata>".utf8)
        return try MetadataDocument.unwrapping(listing)
            .filter { $0.wasWrapped && Refusal.ours($0.bytes).isEmpty }.map(\.bytes)
    }
}
