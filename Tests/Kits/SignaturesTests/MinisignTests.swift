// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Signatures

/// The example of minisign's and rust-minisign-verify's documentation.
@Suite struct MinisignTests {
    private static let key = """
        untrusted comment: minisign public key E7620F1842B4E81F
        RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3

        """
    private static let signature = """
        untrusted comment: signature from minisign secret key
        RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=
        trusted comment: timestamp:1555779966\tfile:test
        QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==

        """

    @Test func thePublishedExampleIsGood() throws {
        let key = try MinisignPublicKey(file: Array(Self.key.utf8))
        #expect(key.number == "E7620F1842B4E81F")
        #expect(key.text == "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3")
        let signature = try MinisignSignature(Array(Self.signature.utf8))
        #expect(signature.timestamp == 1_555_779_966)
        #expect(signature.keyNumber == key.number)
        #expect(try signature.verdict(of: Array("test".utf8), by: key) == .good)
        #expect(try signature.verdict(of: Array("Test".utf8), by: key) == .bad)
    }

    /// Any byte of what is signed or signs.
    @Test func noChangedByteIsGood() throws {
        let key = try MinisignPublicKey(file: Array(Self.key.utf8))
        let bytes = Array(Self.signature.utf8)
        let start = try #require(bytes.firstIndex(of: 10)) + 1
        for place in start..<(bytes.count - 1) {
            for mask: UInt8 in [0x01, 0x20, 0x80] {
                var changed = bytes
                changed[place] ^= mask
                guard let signature = try? MinisignSignature(changed) else { continue }
                let verdict = try signature.verdict(of: Array("test".utf8), by: key)
                #expect(verdict != .good, "byte \(place), \(mask)")
            }
        }
    }

    @Test func whatIsCutOffIsNothing() {
        let bytes = Array(Self.signature.utf8)
        for count in 0..<(bytes.count - 1) {
            #expect(throws: SignaturesError.self) { try MinisignSignature(Array(bytes[..<count])) }
        }
        let key = Array(Self.key.utf8)
        for count in 0..<(key.count - 1) {
            #expect(throws: SignaturesError.self) {
                try MinisignPublicKey(file: Array(key[..<count]))
            }
        }
    }
}
