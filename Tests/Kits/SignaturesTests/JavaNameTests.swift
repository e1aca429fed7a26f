// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signatures
import TestSupport
import Testing

/// Names and addresses as Java prints them, by Java itself.
@Suite(.timeLimit(.minutes(3))) struct JavaNameTests {
    private static let types: [[UInt8]] = [
        [0x55, 4, 3], [0x55, 4, 7], [0x55, 4, 8], [0x55, 4, 10], [0x55, 4, 11], [0x55, 4, 6],
        [0x55, 4, 9], [0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 1, 25],
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 1, 1],
        // emailAddress, serialNumber, title, one that nobody knows, one with a long number
        [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 1], [0x55, 4, 5], [0x55, 4, 12],
        [0x2B, 6, 1, 4, 1, 0x86, 0x8D, 0x1F, 1], [0x2B, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F],
    ]
    /// Printable, UTF8, T61, IA5, General, BMP, Universal, Numeric, Visible, BIT STRING.
    private static let tags: [UInt8] = [
        0x13, 0x0C, 0x14, 0x16, 0x1B, 0x1E, 0x1C, 0x12, 0x1A, 0x03,
    ]
    private static let texts = [
        "", " ", "   ", "plain", "  two before", "two behind  ", " both ", "#hash", " #hash", "a#",
        "a,b", "\"quoted\"", "back\\slash\\", "<a>;b=c+d", "é", "日本語", "a\0b", "\0", "\r",
        "\r\nx\r",
        "\n", "tab\t", "\u{7F}\u{80}\u{9F}", "\u{1F600}", "e\u{301}", "\u{FEFF}x", "\u{2028}", "'",
        "/",
        "CN=inner,O=other", "x" + String(repeating: "long ", count: 700), "\u{FFFD}", "\u{A0}", "İ",
    ]

    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private func value(_ tag: UInt8, _ dice: inout Dice) -> [UInt8] {
        let text = Self.texts.randomElement(using: &dice) ?? ""
        switch tag {
        case 0x1E: return text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        case 0x1C:
            return text.unicodeScalars.flatMap { scalar in
                [24, 16, 8, 0].map { UInt8((scalar.value >> $0) & 0xFF) }
            }
        case 0x0C: return Array(text.utf8)
        case 0x03: return [0] + Array(text.utf8)
        default:
            if Bool.random(using: &dice) { return Array(text.utf8) }
            let length = Int.random(in: 0...12, using: &dice)
            return (0..<length).map { _ in UInt8.random(in: 0...255, using: &dice) }
        }
    }

    private func certificate(_ dice: inout Dice) -> SyntheticCertificate {
        var made = SyntheticCertificate()
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            var set: [SyntheticCertificate.Attribute] = []
            for _ in 0..<(Int.random(in: 0...3, using: &dice) == 0 ? 3 : 1) {
                let type = Self.types.randomElement(using: &dice) ?? []
                let tag =
                    Int.random(in: 0...2, using: &dice) > 0
                    ? 0x0C : Self.tags.randomElement(using: &dice) ?? 0x0C
                set.append((type, tag, value(tag, &dice)))
            }
            made.subject.append(set)
        }
        return made
    }

    @Test(arguments: [UInt64(20_261_122)])
    func writesNamesAsJava(seed: UInt64) async throws {
        var dice = Dice(state: seed)
        let folder = try TemporaryDirectory()
        var certificates: [[UInt8]] = []
        var requests: [JavaReference.FactsRequest] = []
        for index in 0..<1200 {
            let der = certificate(&dice).der
            try Data(der).write(to: URL(fileURLWithPath: folder.file("\(index).der")))
            certificates.append(der)
            requests.append(.certificate(path: folder.file("\(index).der")))
        }
        let answers = try await JavaReference.instance().facts(requests)
        var compared = 0
        for (index, der) in certificates.enumerated() {
            guard let ours = try? Certificate(der: der) else { continue }
            guard let java = answers[index] else { continue }
            compared += 1
            #expect(Array(ours.subject.utf8) == Array(java.subject.utf8), "seed \(seed), \(index)")
            #expect(ours.issuer == java.issuer)
        }
        // OpenSSL refuses text that is wrong for its type, Java does not look at it.
        #expect(compared > 900, "only \(compared) of \(certificates.count)")
    }

    private static func mail(_ text: String) -> [UInt8] { mail(Array(text.utf8)) }
    private static func mail(_ bytes: [UInt8]) -> [UInt8] {
        SyntheticCertificate.value(0x81, bytes)
    }

    /// Alternative names, and the address that both take from them.
    private static let alternatives: [(names: [[UInt8]]?, email: String?)] = [
        (nil, nil),
        ([mail("a@example.org")], "a@example.org"),
        ([mail("a@example.org"), mail("b@example.org")], "a@example.org"),
        (
            [
                SyntheticCertificate.value(0x82, Array("host.example.org".utf8)),
                SyntheticCertificate.value(0x86, Array("mailto:x@example.org".utf8)),
                SyntheticCertificate.value(0x87, [127, 0, 0, 1]), mail("c@example.org"),
            ], "c@example.org"
        ),
        ([SyntheticCertificate.value(0x82, Array("host.example.org".utf8))], nil),
        ([mail("Upper.Case+tag@EXAMPLE.org")], "Upper.Case+tag@EXAMPLE.org"),
        ([mail("no-at-sign")], "no-at-sign"),
        ([mail("'quoted\\\"'@[127.0.0.1]")], "'quoted\\\"'@[127.0.0.1]"),
    ]

    @Test func takesTheAddressThatJavaTakes() async throws {
        let folder = try TemporaryDirectory()
        var certificates: [[UInt8]] = []
        var requests: [JavaReference.FactsRequest] = []
        for (index, alternative) in Self.alternatives.enumerated() {
            // The address in the name does not count.
            let made = SyntheticCertificate(
                subject: [
                    [([0x55, 4, 3], 0x0C, Array("x".utf8))],
                    [([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 1], 0x16, Array("n@x.org".utf8))],
                ],
                alternativeNames: alternative.names)
            try Data(made.der).write(to: URL(fileURLWithPath: folder.file("\(index)")))
            certificates.append(made.der)
            requests.append(.certificate(path: folder.file("\(index)")))
        }
        let answers = try await JavaReference.instance().facts(requests)
        for (index, alternative) in Self.alternatives.enumerated() {
            #expect(try Certificate(der: certificates[index]).email == alternative.email)
            #expect(try #require(answers[index]).email == alternative.email)
        }
    }

    /// Java would take these, but no document with them is valid.
    @Test(
        arguments: [
            [], Array("a b@example.org".utf8), Array("é@example.org".utf8),
            Array("a@example.org\n".utf8), [0x61, 0x00, 0x40],
        ] as [[UInt8]])
    func refusesWhatIsNoAddress(_ bytes: [UInt8]) {
        let made = SyntheticCertificate(
            subject: [[([0x55, 4, 3], 0x0C, Array("x".utf8))]], alternativeNames: [Self.mail(bytes)]
        )
        let email = try? Certificate(der: made.der).email
        #expect(email == nil)
    }
}
