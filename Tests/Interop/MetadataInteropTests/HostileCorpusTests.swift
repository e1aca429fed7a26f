// SPDX-License-Identifier: Apache-2.0
import Foundation
import StratusLab
import TestSupport
import Testing

/// Every document of the corpus is refused, for the reason it was made for.
@Suite(.timeLimit(.minutes(5))) struct HostileCorpusTests {
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
}
