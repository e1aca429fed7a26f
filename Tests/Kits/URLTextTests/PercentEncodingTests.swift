// SPDX-License-Identifier: Apache-2.0
import Testing
import URLText

@Suite struct PercentEncodingTests {
    @Test func eachByteComesBack() {
        let text = String(decoding: 0...127, as: UTF8.self) + "é😀"
        let encoded = PercentEncoding.encode(text, keeping: PercentEncoding.isUnreserved)
        #expect(encoded.utf8.allSatisfy { PercentEncoding.isUnreserved($0) || $0 == 37 })
        #expect(encoded.hasPrefix("%00%01"))
        #expect(PercentEncoding.decodeText(encoded) == text)
        #expect(PercentEncoding.decode(encoded.lowercased().utf8) != nil)
    }

    @Test func whatIsKeptStays() {
        let encoded = PercentEncoding.encode("a b/é") { "a/".utf8.contains($0) }
        #expect(encoded == "a%20%62/%C3%A9")
    }

    @Test(arguments: ["%", "%4", "%zz", "%+4", "a%4 ", "%4%31"])
    func aBrokenEscapeIsRefused(text: String) {
        #expect(PercentEncoding.decode(text.utf8) == nil)
        #expect(PercentEncoding.decodeText(text) == nil)
    }

    @Test func bytesThatAreNotUTF8AreNoText() {
        #expect(PercentEncoding.decode("%ff%C3".utf8) == [0xff, 0xc3])
        #expect(PercentEncoding.decodeText("%ff") == nil)
    }
}
