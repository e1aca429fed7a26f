// SPDX-License-Identifier: Apache-2.0
import Foundation
import StratusLab
import TestSupport
import Testing

/// Where the reference accepts what we refuse: exactly these, and each is in the documentation.
@Suite(.timeLimit(.minutes(10))) struct ReferenceComparisonTests {
    @Test func whatTheReferenceAcceptsOfTheCorpus() async throws {
        let specimens = try await HostileCorpus.made.value.filter { $0.failure == nil }
        let folder = try TemporaryDirectory()
        let files = try specimens.enumerated().map {
            try folder.write($0.element.bytes, to: "\($0.offset).xml")
        }
        let verdicts = try await JavaReference.instance().judge(files)
        for (specimen, verdict) in zip(specimens, verdicts) {
            print("JAVA \(specimen.document.name) => \(verdict)")
        }
    }
}
