// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Testing

@Suite struct ChangelogTests {
    @Test func everyFieldSurvivesTheFile() throws {
        let first = Sample.entry("cirros", 1, at: 100, version: nil)
        let second = Sample.entry("cirros", 2, at: 300, version: "2 beta")
        let late = Sample.entry("cirros", 3, at: 200)
        let files = try Sample.files([[first], [second, late]])
        let log = try Changelog(name: "image_list", parsing: files.changelog)
        #expect(log.batches.map(\.serials) == [1...1, 2...3])
        #expect(log.batches.map(\.time.seconds) == [100, 300])
        #expect(log.batches[1].added == [second])
        #expect(log.batches[1].removed == [first])
        #expect(log.batches[1].superseded == [.init(entry: late, by: second.publication)])
        #expect(log.batches[1].size == files.list.count)
    }

    @Test func whatIsThereIsNeverRewritten() throws {
        let one = try Sample.files([[Sample.entry("a")]])
        var edited = one
        edited.changelog = Array("# A word of the secretary".utf8) + [10] + one.changelog.dropLast()
        let two = try Sample.files([[Sample.entry("b", 2)]], from: edited)
        #expect(two.changelog.starts(with: edited.changelog))
        let log = try Changelog(name: "image_list", parsing: two.changelog)
        #expect(log.batches.count == 2)
    }

    @Test(arguments: [
        "<<<<<<< .mine", "serial x, 2026-01-01T00:00:00Z", "serial 3", "serial 5-4, 2026-01-01",
        "serial 0, 2026-01-01T00:00:00Z", "  added name=a", "  list sha256=00 size=1",
        "serial 1-2-3, 2026-01-01T00:00:00Z", "serial , ", "serial",
        "serial 99999999999999999999, 2026-01-01T00:00:00Z", "  nonsense", "  added x", "  ",
    ])
    func aBrokenLineIsNamed(line: String) throws {
        var files = try Sample.files([[Sample.entry("a")]])
        let number = files.changelog.count { $0 == 10 } + 1
        files.changelog += Array(line.utf8) + [10]
        let error = #expect(throws: ImageListsError.self) {
            try Changelog(name: "image_list", parsing: files.changelog)
        }
        guard case .malformedChangelog(number, _) = error else {
            Issue.record("wrong error: \(String(describing: error))")
            return
        }
    }

    @Test func serialsOnlyGrow() throws {
        let files = try Sample.files([[Sample.entry("a")]])
        let twice = files.changelog + files.changelog
        #expect(throws: ImageListsError.self) {
            try Changelog(name: "image_list", parsing: twice)
        }
        // A list ahead of its changelog, as a hand edit makes it, is continued from its serial.
        var ahead = files
        ahead.list = Array("# list: image_list\n# serial: 40\n".utf8)
        let next = try Sample.files([[Sample.entry("b", 2)]], from: ahead)
        #expect(try ImageList(name: "image_list", parsing: next.list).serial == 41)
    }
}
