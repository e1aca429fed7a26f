// SPDX-License-Identifier: Apache-2.0
import Attestation
import Events
import Foundation
import Testing

@Suite("Canonical JSON, RFC 8785") struct CanonicalJSONTests {
    private func canonical(_ text: String) throws -> String {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        return String(decoding: try CanonicalJSON.bytes(of: value), as: UTF8.self)
    }

    @Test("The example of section 3.2.4") func example() throws {
        let text = #"""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """#
        let expected =
            #"{"literals":[null,true,false],"#
            + #""numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
            + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try canonical(text) == expected)
    }

    @Test("Members in the order of UTF-16 code units, section 3.2.3") func order() throws {
        let text = #"""
            {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew", "1": "One",
             "\ud83d\ude00": "Emoji", "\u0080": "Control", "\u00f6": "Latin"}
            """#
        let found = try canonical(text)
        let names = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]
        let places = try names.map { try #require(found.firstRange(of: $0)).lowerBound }
        #expect(places == places.sorted())
    }

    @Test(
        "Numbers of appendix B",
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"), (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"), (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"), (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"), (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func numbers(_ bits: UInt64, _ text: String) throws {
        let bytes = try CanonicalJSON.bytes(of: .number(Double(bitPattern: bits)))
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test("One value, one text, however it was written") func equal() throws {
        #expect(try canonical("1.0") == "1")
        #expect(try canonical("10e2") == "1000")
        #expect(try canonical(#"{"b":1,"a":{"d":[],"c":{}}}"#) == #"{"a":{"c":{},"d":[]},"b":1}"#)
        #expect(try canonical(#""\u00e9\u0007\b\t\f\r""#) == #""é\u0007\b\t\f\r""#)
    }

    @Test("A number that readers take for different ones has none")
    func refused() throws {
        #expect(try canonical("9007199254740992") == "9007199254740992")
        for text in ["9007199254740993", "-9007199254740993", "18446744073709551615"] {
            #expect(throws: AttestationError.self) { try canonical(text) }
        }
        #expect(throws: AttestationError.self) {
            try CanonicalJSON.bytes(of: .object(["a": .array([.number(.infinity)])]))
        }
        #expect(throws: AttestationError.self) { try CanonicalJSON.bytes(of: .number(.nan)) }
    }

    @Test("The digest of what a value is written as") func digest() throws {
        let step = Modification.install(.init(packages: ["curl"]))
        // printf '{"install":{"packages":["curl"]}}' | sha256sum
        #expect(
            try CanonicalJSON.sha256(encoding: step)
                == "b42bb2c089b056754306bc23a7e7c8d15d6ab1a9f72347fba7d20c2066e2f640")
    }
}
