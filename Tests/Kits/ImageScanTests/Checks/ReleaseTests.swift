// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageScan
import TestSupport
import Testing

@Suite struct ReleaseTests {
    private static func found(
        _ text: String, at time: String = "2026-11-22T12:00:00Z",
        releases: ReleaseTable = .builtIn
    ) async throws -> [String]? {
        let time = try #require(Timestamp(time))
        let context = ScanContext(time: time, releases: releases)
        return try await MadeGuest.findings(
            "os-release", MadeGuest.facts(["/usr/lib/os-release": text]), context)
    }

    @Test(arguments: [
        (MadeGuest.debian12, nil),
        ("ID=debian\nVERSION_ID=9\n", "support of debian 9 ended on 2022-06-30"),
        ("ID=exampleos\nVERSION_ID=1", "exampleos 1 is not in the table of releases"),
        ("ID=debian\n", "debian without a version is not in the table of releases"),
        ("ID=rocky\nVERSION_ID=\"9.4\"", nil), ("ID=alpine\nVERSION_ID=3.23.0", nil),
        ("ID=alpine\nVERSION_ID=3.2.0", "alpine 3.2.0 is not in the table of releases"),
        ("ID='ubuntu'\nVERSION_ID='24.04'", nil),
        ("ID=centos\nVERSION_ID=7", "support of centos 7 ended on 2024-06-30"),
        ("ID=arch", nil), ("ID=cirros\nVERSION_ID=0.6.2", nil),
        ("NAME=x", "no os-release file names the system"),
        ("", "no os-release file names the system"),
        ("# ID=debian\nID=\"\"", "no os-release file names the system"),
        ("ID=exampleos\nID=debian\nVERSION_ID=9\nVERSION_ID=12", nil),
        ("ID=deb\\ian\nVERSION_ID=12", nil),
    ])
    func systems(text: String, message: String?) async throws {
        #expect(try await Self.found(text) == (message.map { ["-: \($0)"] } ?? []))
    }

    @Test func theLastDayIsStillSupported() async throws {
        let text = "ID=debian\nVERSION_ID=11\n"
        #expect(try await Self.found(text, at: "2026-08-31T23:59:59Z") == [])
        #expect(try await Self.found(text, at: "2026-09-01T01:59:59+02:00") == [])
        #expect(
            try await Self.found(text, at: "2026-09-01T00:00:00Z")
                == ["-: support of debian 11 ended on 2026-08-31"])
    }

    @Test func theFileInEtcCountsFirstAndMayBeALink() async throws {
        let supported = ["/etc/os-release": MadeGuest.debian12, "/usr/lib/os-release": "ID=x\n"]
        #expect(try await MadeGuest.findings("os-release", MadeGuest.facts(supported)) == [])
        let linked = MadeGuest.facts(
            ["/usr/lib/os-release": MadeGuest.debian12],
            [MadeGuest.link("/etc/os-release", to: "../usr/lib/os-release")])
        #expect(try await MadeGuest.findings("os-release", linked) == [])
    }

    @Test func aConfiguredTableReplacesTheBuiltInOne() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            """
            {"source": "ours", "releases": [
              {"id": "exampleos", "version": "1", "end": "2030-01-01"},
              {"id": "exampleos", "version": "0", "end": "2020-01-01"},
              {"id": "rolling", "version": "*"}]}
            """, to: "releases.json")
        let table = try ReleaseTable(path: path)
        #expect(table.source == "ours")
        #expect(try await Self.found("ID=exampleos\nVERSION_ID=1.5", releases: table) == [])
        #expect(try await Self.found("ID=exampleos\nVERSION_ID=0", releases: table)?.count == 1)
        #expect(try await Self.found("ID=rolling", releases: table) == [])
        #expect(try await Self.found("ID=rolling\nVERSION_ID=7", releases: table) == [])
        #expect(try await Self.found(MadeGuest.debian12, releases: table)?.count == 1)
    }

    @Test(arguments: [
        ("{}", "'source' is missing"), ("[", "no JSON"),
        (
            "{\"source\": \"x\", \"releases\": [{\"id\": \"a\", \"version\": 1}]}",
            "'releases.0.version' is of the wrong type"
        ),
        (
            "{\"source\": \"x\", \"releases\": [{\"id\": \"a\", \"version\": \"1\", \"end\": \"soon\"}]}",
            "'releases.0.end': not a day YYYY-MM-DD"
        ),
        (
            "{\"source\": \"x\", \"releases\": [{\"id\": \"a\", \"version\": \"1\", \"end\": \"2026-02-30\"}]}",
            "'releases.0.end': not a day YYYY-MM-DD"
        ),
    ])
    func brokenTablesAreRefused(text: String, reason: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "releases.json")
        let error = #expect(throws: ImageScanError.self) { try ReleaseTable(path: path) }
        guard case .malformed(path, let said) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(said.hasPrefix(reason))
    }

    @Test func unreadableTablesAreRefused() throws {
        let directory = try TemporaryDirectory()
        #expect(
            throws: ImageScanError.unreadable(
                path: directory.file("none"), reason: "No such file or directory")
        ) {
            try ReleaseTable(path: directory.file("none"))
        }
        let large = try directory.write(
            [UInt8](repeating: 32, count: ReleaseTable.fileBytesMax + 1), to: "large")
        #expect(throws: ImageScanError.unreadable(path: large, reason: "it is too large")) {
            try ReleaseTable(path: large)
        }
        #expect(throws: ImageScanError.self) { try ReleaseTable(path: directory.path) }
    }

    /// Debian's and Ubuntu's own table, where it is installed.
    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/usr/share/distro-info/debian.csv")),
        arguments: [("debian", "eol-lts"), ("ubuntu", "eol")])
    func theBuiltInTableAgreesWithDistroInfo(id: String, column: String) throws {
        let text = try String(contentsOfFile: "/usr/share/distro-info/\(id).csv", encoding: .utf8)
        let rows = text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let place = try #require(rows.first?.firstIndex { $0 == column })
        var compared = 0
        for row in rows.dropFirst() where row.count > place && !row[place].isEmpty {
            let version = row[0].split(separator: " ").first.map(String.init) ?? ""
            guard let release = ReleaseTable.builtIn.release(id: id, version: version) else {
                continue
            }
            #expect(release.end == Timestamp("\(row[place])T00:00:00Z"), "\(id) \(version)")
            compared += 1
        }
        #expect(compared > 5)
    }
}
