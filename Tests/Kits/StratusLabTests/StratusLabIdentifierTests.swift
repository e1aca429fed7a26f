// SPDX-License-Identifier: Apache-2.0
import StratusLab
import Testing

@Suite struct StratusLabIdentifierTests {
    /// Computed with StratusLab's own `MetadataUtils.sha1ToIdentifier`.
    private static let vector = (
        sha1: "b1df2953e81dcbf8a0c8ab1d4d0ab8e41cf93bc8", text: "LHfKVPoHcv4oMirHU0KuOQc-TvI"
    )

    @Test func matchesTheReference() {
        #expect(StratusLabIdentifier(sha1: Self.vector.sha1)?.text == Self.vector.text)
        #expect(StratusLabIdentifier(sha1: Self.vector.sha1.uppercased())?.text == Self.vector.text)
        #expect(StratusLabIdentifier(Self.vector.text)?.sha1 == Self.vector.sha1)
    }

    @Test func roundTrips() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let sha1 = (0..<40).map { _ in
                String(Int.random(in: 0..<16, using: &generator), radix: 16)
            }.joined()
            let text = StratusLabIdentifier(sha1: sha1)?.text ?? ""
            #expect(StratusLabIdentifier(text)?.sha1 == sha1)
        }
        let zero = String(repeating: "0", count: 40)
        #expect(StratusLabIdentifier(sha1: zero)?.text == String(repeating: "A", count: 27))
        let ones = String(repeating: "f", count: 40)
        #expect(StratusLabIdentifier(sha1: ones)?.text == "P" + String(repeating: "_", count: 26))
    }

    @Test(arguments: [
        "", "LHfKVPoHcv4oMirHU0KuOQc-Tv", "LHfKVPoHcv4oMirHU0KuOQc-TvIA",
        "LHfKVPoHcv4oMirHU0KuOQc+TvI", "Q__________________________", "LHfKVPoHcv4oMirHU0KuOQc-Tvé",
    ])
    func refusesWhatIsNoIdentifier(_ text: String) {
        #expect(StratusLabIdentifier(text) == nil)
    }

    @Test(arguments: ["", "b1df", "g1df2953e81dcbf8a0c8ab1d4d0ab8e41cf93bc8"])
    func refusesWhatIsNoSHA1(_ text: String) {
        #expect(StratusLabIdentifier(sha1: text) == nil)
    }
}
