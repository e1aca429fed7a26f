// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import ImageScan

@Suite struct VersionTests {
    private typealias Manager = GuestFacts.Packages.Manager

    /// Each line in ascending order; `=` joins versions that are the same.
    private static let lines: [(GuestFacts.Packages.Manager, String)] = [
        (
            .dpkg,
            "1.0~~ 1.0~~a 1.0~ 1.0~rc1 1.0 = 1.0-0 1.0-1 1.0-1+b1 1.0-1.1 1.0-2 1.0-10 1.0a 1.0+b 1.0.1"
        ),
        (.dpkg, "0:1.0 = 1.0 1.9 1.10 10.0 1:0.1 = 01:0.1 2:0"),
        (.dpkg, "2.36-9 2.36-9+deb12u1 2.36-9+deb12u10 2.36-10"),
        (.dpkg, "3.0.17-1~deb12u2 3.0.17-1~deb12u3 3.0.17-1 3.0.20-1~deb12u1"),
        (.dpkg, "1.2-3-1 1.2-3-2 1.2.3 = 1.02.3 = 1.2.03"),
        (
            .dpkg,
            "99999999999999999999999998 99999999999999999999999999 = 099999999999999999999999999"
        ),
        (.rpm, "1.0~rc1 1.0 1.0^ 1.0^git1 1.0.1 1.1"),
        (.rpm, "1.0~rc1^git1 1.0~rc2 1.0 = 1..0 = 1_0 1.0a 1.0.0"),
        (.rpm, "5.5p1 5.5p2 5.5p10 5.6"), (.rpm, "10xyz 10.1xyz"), (.rpm, "xyz10 xyz10.1"),
        (.rpm, "xyz.4 xyz.4.9 8"),
        (.rpm, "2.34-100.el9 2.34-100.el9_4.2 2.34-100.el9_4.10 2.34-101.el9"),
        (.rpm, "1.0-1 (none):1.0-2 = 0:1.0-2 1:0.1-1 2:0-0"),
        (.rpm, "20101121 20101122 20101122.1"), (.rpm, "1.0-1 = 1.0 2"), (.rpm, "1b.fc17 1.fc17"),
        (.rpm, "1.0~rc1~git123 1.0~rc1 1.0"),
        (.rpm, "1.0^20160101^git1 1.0^20160102 1.0^20160102^git1"),
        (
            .apk,
            "1.0_alpha 1.0_alpha2 1.0_beta 1.0_pre1 1.0_rc1 1.0 1.0_cvs1 1.0_svn1 1.0_git1 1.0_hg1 1.0_p1"
        ),
        (.apk, "1.0-r0 1.0-r1 1.0-r10 1.0a-r0 1.0b 1.0.1-r0 1.1"),
        (.apk, "1.05 1.1 1.5 1.10"), (.apk, "0.1.0_alpha_pre2 0.1.0_alpha 0.1.0"),
        (.apk, "10.0_p1-r7 10.0_p1-r9 10.0_p1-r10 10.0_p2"), (.apk, "1.2.3~abc-r0 1.2.3~abd-r0"),
        (.apk, "1.3-r0 1.3.1-r0"), (.apk, "1.3_pre1-r1 1.3.2"),
        (.apk, "006 20040923 20191002222144"),
    ]

    @Test(arguments: lines)
    func orders(manager: GuestFacts.Packages.Manager, line: String) {
        var groups: [[String]] = []
        var joins = false
        for word in line.split(separator: " ").map(String.init) {
            if word == "=" {
                joins = true
            } else if joins {
                groups[groups.count - 1].append(word)
                joins = false
            } else {
                groups.append([word])
            }
        }
        for (index, group) in groups.enumerated() {
            for one in group {
                for two in group { #expect(manager.order(one, two) == .same, "\(one) \(two)") }
                for two in groups[(index + 1)...].joined() {
                    #expect(manager.order(one, two) == .ascending, "\(one) \(two)")
                    #expect(manager.order(two, one) == .descending, "\(two) \(one)")
                }
            }
        }
    }

    @Test(arguments: [GuestFacts.Packages.Manager.dpkg, .rpm, .apk])
    func nonsenseIsOrdered(manager: GuestFacts.Packages.Manager) {
        let words = [
            "", ":", "-", "~", "^", "_", ".", "-r", "1_", "1~", "a:b", "1:", ":1", "--", "1-r-r1",
            "1.0bc", "é", "\u{0}", String(repeating: "9", count: 5_000), "1..2", "1_p1_p2~x-r1z",
        ]
        for one in words {
            for two in words {
                let there = manager.order(one, two)
                let back = manager.order(two, one)
                let opposite: VersionOrder =
                    there == .same ? .same : there == .ascending ? .descending : .ascending
                #expect(back == opposite, "\(one.prefix(9)) \(two.prefix(9))")
            }
        }
    }

    /// Made of pieces that versions are made of, so that many are nearly alike.
    private static func versions(_ count: Int, of pieces: [String]) -> [String] {
        // The same in each run: a linear congruential generator's numbers.
        var state: UInt64 = 4
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        return (0..<count).map { _ in
            "1" + (0...random(6)).map { _ in pieces[random(pieces.count)] }.joined()
        }
    }

    private static func pairs(_ versions: [String]) -> [(String, String)] {
        stride(from: 0, to: versions.count - 1, by: 2).map { (versions[$0], versions[$0 + 1]) }
    }

    /// What a program answers for each pair: a number below, equal to, or above zero.
    private static func answers(_ script: String, _ pairs: [(String, String)]) throws -> [Int] {
        let directory = try TemporaryDirectory()
        let input = try directory.write(
            pairs.map { "\($0.0) \($0.1)\n" }.joined(), to: "pairs")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.standardInput = FileHandle(forReadingAtPath: input)
        let output = try directory.write("", to: "answers")
        process.standardOutput = FileHandle(forWritingAtPath: output)
        try process.run()
        process.waitUntilExit()
        return try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
            .compactMap { Int($0) }
    }

    private static func sign(_ order: VersionOrder) -> Int {
        order == .same ? 0 : order == .ascending ? -1 : 1
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/dpkg")),
        .timeLimit(.minutes(3)))
    func dpkgSaysTheSame() throws {
        let pieces = [
            "0", "1", "9", "10", "00", ".", "~", "+", "-", "a", "b", "Z", "~~", ".0", ":1",
        ]
        // More than one colon is more than dpkg takes.
        let pairs = Self.pairs(
            Self.versions(6_000, of: pieces).filter { version in
                version.split(separator: ":").count <= 2 && !version.hasSuffix("-")
                    && (version.firstIndex(of: ":").map { version[..<$0].allSatisfy(\.isNumber) }
                        ?? true)
            })
        try #require(pairs.count > 2_000)
        let script = """
            while read -r a b; do
              if dpkg --compare-versions "$a" lt "$b"; then echo -1
              elif dpkg --compare-versions "$a" eq "$b"; then echo 0
              else echo 1; fi
            done 2>/dev/null
            """
        let answers = try Self.answers(script, pairs)
        try #require(answers.count == pairs.count)
        for (pair, answer) in zip(pairs, answers) {
            let order = GuestFacts.Packages.Manager.dpkg.order(pair.0, pair.1)
            #expect(Self.sign(order) == answer, "\(pair.0) \(pair.1)")
        }
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/rpm")),
        .timeLimit(.minutes(3)))
    func rpmSaysTheSame() throws {
        let pieces = [
            "0", "1", "9", "10", "00", ".", "~", "^", "_", "a", "b", "Z", "~~", ".0", "rc",
        ]
        let pairs = Self.pairs(Self.versions(6_000, of: pieces))
        let script = """
            rpm --eval '%{lua: for line in io.lines("/dev/stdin") do local i = line:find(" "); \
            print(rpm.vercmp(line:sub(1, i - 1), line:sub(i + 1)) .. "\\n") end}'
            """
        let answers = try Self.answers(script, pairs)
        try #require(answers.count == pairs.count)
        for (pair, answer) in zip(pairs, answers) {
            let order = GuestFacts.Packages.Manager.rpm.order(pair.0, pair.1)
            #expect(Self.sign(order) == answer, "\(pair.0) \(pair.1)")
        }
    }
}
