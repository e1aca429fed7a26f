// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Testing

@Suite struct ImageListTests {
    /// What `glance_manager.py` does with a list: lines that begin with `#` and blank ones mean
    /// nothing, a line with a space is ignored, every other one is an identifier.
    private func identifiers(in bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") && !$0.contains(" ") }
    }

    @Test func theFileReadsAsPeopleAndOldConsumersExpect() throws {
        let files = try Sample.files([[Sample.entry("cirros"), Sample.entry("alpine", 2)]])
        let text = String(decoding: files.list, as: UTF8.self)
        #expect(
            text == """
                # list: image_list
                # serial: 2
                # One marketplace identifier per line. Written by imprimatur-list-publisher.

                # image: alpine
                # version: 1.0
                # requested: 2023-11-14T22:13:20Z
                # publication: 00000000-0000-4000-8000-000000000002
                # endorser: jane@example.org
                # endorser-subject: CN=Jane\\, %C3%89,O=Example
                # location: https://market.example.org/metadata/alpine-2-aaaaaaaaaaaaaaaaaa/\
                jane@example.org/2026
                # document-sha256: \(String(repeating: "ab", count: 32))
                alpine-2-aaaaaaaaaaaaaaaaaa

                # image: cirros
                # version: 1.0
                # requested: 2023-11-14T22:13:20Z
                # publication: 00000000-0000-4000-8000-000000000001
                # endorser: jane@example.org
                # endorser-subject: CN=Jane\\, %C3%89,O=Example
                # location: https://market.example.org/metadata/cirros-1-aaaaaaaaaaaaaaaaaa/\
                jane@example.org/2026
                # document-sha256: \(String(repeating: "ab", count: 32))
                cirros-1-aaaaaaaaaaaaaaaaaa

                """)
        #expect(
            identifiers(in: files.list) == [
                "alpine-2-aaaaaaaaaaaaaaaaaa", "cirros-1-aaaaaaaaaaaaaaaaaa",
            ])
    }

    @Test func readingWhatWasRenderedGivesTheSameListAndBytes() throws {
        let files = try Sample.files([[Sample.entry("a", version: nil), Sample.entry("b+c", 2)]])
        let list = try ImageList(name: "image_list", parsing: files.list)
        #expect(list.entries.keys.sorted() == ["a", "b+c"])
        #expect(list.entries["a"] == Sample.entry("a", version: nil))
        #expect(list.rendered() == files.list)
    }

    @Test func linesOfOthersStayAsTheyAre() throws {
        let foreign = """
            # Images of the old days
            LHfKVPoHcv4oMirHU0KuOQc-TvI

            # caf\u{e9}\r
            # image: half an entry
            AAAAAAAAAAAAAAAAAAAAAAAAAAA
            not an identifier
            """
        var start = ListFiles(list: Array(foreign.utf8))
        start.list += [10, 0xff, 0xfe, 10]
        var files = start
        for number in 1...3 {
            files = try Sample.files([[Sample.entry("image\(number)", number)]], from: files)
            #expect(files.list.contains(start.list))
        }
        let list = try ImageList(name: "image_list", parsing: files.list)
        #expect(list.entries.count == 3)
        #expect(identifiers(in: files.list).contains("LHfKVPoHcv4oMirHU0KuOQc-TvI"))
        #expect(list.rendered() == files.list)
    }

    @Test func noTextEndsAComment() throws {
        let nasty = "1\n# serial: 99\nAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\u{2028}\u{85} %41 é "
        var entry = Sample.entry("evil", version: nasty)
        entry.endorser = "a b=c\nd@example.org"
        let files = try Sample.files([[entry]])
        #expect(identifiers(in: files.list) == [entry.identifier])
        #expect(files.list.allSatisfy { $0 == 10 || (0x20...0x7e).contains($0) })
        #expect(files.changelog.allSatisfy { $0 == 10 || (0x20...0x7e).contains($0) })
        let catalogue = try ImageCatalogue(name: "image_list", files: files)
        #expect(catalogue.list.entries["evil"] == entry)
        #expect(catalogue.changelog.batches.last?.added == [entry])
    }

    @Test(arguments: [
        ("name", "a b"), ("name", ""), ("name", "-a"), ("name", "a\nb"), ("identifier", "short"),
        ("identifier", "AAAAAAAAAAAAAAAAAAAAAAAAAA "), ("publication", "x"),
        ("publication", "00000000-0000-4000-8000-00000000000A"), ("location", "file:///etc"),
        ("location", "https://a b"), ("documentSHA256", "AB"), ("endorser", ""),
    ])
    func badFieldsAreNamed(field: String, value: String) {
        var entry = Sample.entry("cirros")
        #expect(entry.problem == nil)
        switch field {
        case "name": entry.name = value
        case "identifier": entry.identifier = value
        case "publication": entry.publication = value
        case "location": entry.location = value
        case "documentSHA256": entry.documentSHA256 = value
        default: entry.endorser = value
        }
        #expect(entry.problem?.field == field)
    }

    @Test func anEditorsCarriageReturnsDoNotLoseEntries() throws {
        let files = try Sample.files([[Sample.entry("cirros")]])
        let windows = String(decoding: files.list, as: UTF8.self).replacing("\n", with: "\r\n")
        let list = try ImageList(name: "image_list", parsing: Array(windows.utf8))
        #expect(list.entries["cirros"] == Sample.entry("cirros"))
        #expect(list.serial == 1)
    }

    @Test func anotherListsFileIsRefused() throws {
        let files = try Sample.files([[Sample.entry("cirros")]])
        #expect(throws: ImageListsError.otherList(found: "image_list")) {
            try ImageList(name: "other", parsing: files.list)
        }
        #expect(throws: ImageListsError.serialExhausted) {
            try ImageList(name: "x", parsing: Array("# serial: 9007199254740993\n".utf8))
        }
    }
}

extension [UInt8] {
    func contains(_ other: [UInt8]) -> Bool {
        other.count <= count
            && (0...count - other.count).contains {
                self[$0..<$0 + other.count].elementsEqual(other)
            }
    }
}
