// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Testing

/// Waivers stay with an entry as long as it is listed, and with the changelog for ever.
@Suite struct WaiverTests {
    private static let waivers = [
        Waiver(check: "swap-partition", reason: "none = 100 %, see: http://a/?b # serial 9"),
        Waiver(check: "swap-partition-2", reason: " é\u{2028}\u{1F600}\t"),
    ]

    private func entry(_ number: Int = 1, _ waivers: [Waiver]? = waivers) -> UpdatedList.Entry {
        var entry = Sample.entry("cirros", number, at: 100 * Int64(number))
        entry.waivers = waivers
        return entry
    }

    @Test func theySurviveBothFiles() throws {
        let files = try Sample.files([[entry(), Sample.entry("alpine", 9)]])
        let catalogue = try Sample.catalogue(files)
        #expect(catalogue.list.entries["cirros"] == entry())
        #expect(catalogue.list.entries["alpine"]?.waivers == nil)
        #expect(catalogue.changelog.batches[0].added.last == entry())
        let text = String(decoding: files.list, as: UTF8.self)
        let line = "\n# waived: swap-partition: none = 100 %25, see: http://a/?b # serial 9\n"
        #expect(text.contains(line))
        #expect(text.contains("\n# waived: swap-partition-2:  %C3%A9%E2%80%A8%F0%9F%98%80%09\n"))
        let log = String(decoding: files.changelog, as: UTF8.self)
        #expect(log.contains(" waived=swap-partition:%20none%20=%20100%20%25"))
        // The same request again changes nothing, another one under its publication does.
        let again = try catalogue.settling([entry()])
        #expect(again.batch == nil && again.verdicts.count == 1)
        let other = try catalogue.settling([entry(1, [Self.waivers[0]])])
        #expect(other.verdicts.values.first == .conflicting(entry()))
    }

    @Test func aRenewalKeepsThem() throws {
        let renewal = Sample.revision(.renewed, of: entry(), 3, at: 200)
        let listed = try Sample.files([[entry()]])
        let (files, _) = try Sample.files(asking: [.revision(renewal)], from: listed)
        let catalogue = try Sample.catalogue(files)
        #expect(catalogue.list.entries["cirros"]?.waivers == Self.waivers)
        #expect(catalogue.list.entries["cirros"]?.publication == renewal.publication)
    }

    @Test func whatReplacesAnImageHasItsOwn() throws {
        let files = try Sample.files([[entry()], [entry(2, nil)]])
        let catalogue = try Sample.catalogue(files)
        #expect(catalogue.list.entries["cirros"] == entry(2, nil))
        let batch = try #require(catalogue.changelog.batches.last)
        #expect(batch.removed == [entry()])
        let announced = batch.announcement(list: "image_list", revision: nil)
        #expect(announced.removed.map(\.waivers) == [nil])
    }

    /// However it is escaped, an entry in place of another one fits into an event with them.
    @Test func theMostAndLongestAreAnnounced() throws {
        let reasons = [
            String(repeating: "\u{1F600}", count: 256), String(repeating: "\"", count: 256),
        ]
        for reason in reasons {
            let most = (0..<32).map { Waiver(check: "c\($0)", reason: reason) }
            #expect(entry(1, most).problem == nil)
            let files = try Sample.files([[entry(1, most)], [entry(2, most)]])
            let catalogue = try Sample.catalogue(files)
            #expect(catalogue.list.entries["cirros"]?.waivers == most)
            let batch = try #require(catalogue.changelog.batches.last)
            let list = batch.announcement(list: "image_list", revision: "r2")
            let event = Event(
                id: "1", source: "/imprimatur/list-publisher", type: .listUpdated,
                subject: "image_list", time: Timestamp(seconds: 0),
                publication: entry().publication,
                data: [UpdatedList.key: try EventCoding.value(of: list)])
            #expect(try event.encoded().count < Event.bytesMax - 8_192)
        }
        #expect(entry(1, (0..<33).map { Waiver(check: "c\($0)", reason: "x") }).problem != nil)
    }

    @Test(arguments: [
        "# waived: \n", "# waived: swap\n", "# waived: SWAP: x\n", "# waived: swap: %0A\n",
        "# identifier: a\n", "# version: 2\n",
    ])
    func aBrokenOneIsNoEntry(line: String) throws {
        let files = try Sample.files([[entry(1, nil)]])
        let text = String(decoding: files.list, as: UTF8.self)
        let broken = text.replacing("# document-sha256", with: line + "# document-sha256")
        let list = try ImageList(name: "image_list", parsing: Array(broken.utf8))
        #expect(list.entries.isEmpty)
        let good = text.replacing("# document-sha256", with: "# waived: a: x\n# document-sha256")
        let read = try ImageList(name: "image_list", parsing: Array(good.utf8))
        #expect(read.entries["cirros"]?.waivers == [Waiver(check: "a", reason: "x")])
    }
}
