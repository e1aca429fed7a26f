// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Testing

@Suite struct ImageCatalogueTests {
    private func catalogue(_ files: ListFiles) throws -> ImageCatalogue {
        try ImageCatalogue(name: "image_list", files: files)
    }

    @Test func aLaterRequestReplacesAnEarlierOne() throws {
        let old = Sample.entry("cirros", 1, at: 100)
        let new = Sample.entry("cirros", 2, at: 200)
        let files = try Sample.files([[old]])
        let settlement = try catalogue(files).settling([new])
        let batch = try #require(settlement.batch)
        #expect(batch.added == [new])
        #expect(batch.removed == [old])
        #expect(batch.serials == 2...2)
        #expect(settlement.verdicts == [new.publication: .done(batch)])
    }

    @Test func anEarlierRequestThatComesLateIsSuperseded() throws {
        let old = Sample.entry("cirros", 1, at: 100)
        let new = Sample.entry("cirros", 2, at: 200)
        let files = try Sample.files([[new]])
        let settlement = try catalogue(files).settling([old])
        #expect(settlement.verdicts == [old.publication: .superseded(by: new.publication)])
        let next = try #require(settlement.files)
        #expect(try catalogue(next).list.entries == ["cirros": new])
        // Told again it is the same, and costs no commit.
        let again = try catalogue(next).settling([old])
        #expect(again.verdicts == settlement.verdicts)
        #expect(again.files == nil)
    }

    @Test func aRedeliveredPublicationIsAnnouncedAsItWas() throws {
        let old = Sample.entry("cirros", 1, at: 100)
        let other = Sample.entry("alpine", 3, at: 150)
        let first = try catalogue(ListFiles()).settling([old, other], url: "https://x/%20 y")
        let files = try #require(first.files)
        let replaced = try Sample.files([[Sample.entry("cirros", 2, at: 200)]], from: files)
        let again = try catalogue(replaced).settling([old])
        #expect(again.batch == nil)
        #expect(again.verdicts == [old.publication: .done(try #require(first.batch))])
        let announcement = try #require(first.batch).announcement(list: "image_list", revision: nil)
        guard case .done(let batch) = again.verdicts[old.publication] else { return }
        #expect(batch.announcement(list: "image_list", revision: nil) == announcement)
        #expect(announcement.added == [other, old])
        #expect(announcement.size == files.list.count)
    }

    @Test func whatWasTakenOutByHandDoesNotComeBackOlder() throws {
        let new = Sample.entry("cirros", 2, at: 200)
        var files = try Sample.files([[new]])
        files.list = []
        let settlement = try catalogue(files).settling([Sample.entry("cirros", 1, at: 100)])
        #expect(try catalogue(try #require(settlement.files)).list.entries.isEmpty)
        #expect(settlement.batch?.serials == 2...2)
    }

    @Test func aTieOfTimesIsDecidedByThePublication() throws {
        let one = Sample.entry("cirros", 1)
        let two = Sample.entry("cirros", 2)
        for order in [[[one], [two]], [[two], [one]], [[two, one]], [[one, two]]] {
            let files = try Sample.files(order)
            #expect(try catalogue(files).list.entries == ["cirros": two])
            #expect(try catalogue(files).serial == 2)
        }
    }

    @Test func aPublicationUsedTwiceForDifferentImagesIsAConflict() throws {
        let entry = Sample.entry("cirros")
        var twin = Sample.entry("alpine")
        twin.publication = entry.publication
        let files = try Sample.files([[entry]])
        let settlement = try catalogue(files).settling([twin])
        #expect(settlement.verdicts == [entry.publication: .conflicting(entry)])
        #expect(settlement.files == nil)
    }

    @Test func aRepeatedCandidateCountsOnce() throws {
        let entry = Sample.entry("cirros")
        let settlement = try catalogue(ListFiles()).settling([entry, entry])
        #expect(settlement.batch?.serials == 1...1)
    }

    /// Any order and any grouping of the same publications end in the same list, byte for byte.
    @Test(arguments: 0..<60)
    func ordersAndBatchesDoNotMatter(round: Int) throws {
        let seed = UInt64(round) &* 7919 &+ 17
        var generator = SeededGenerator(state: seed)
        let entries = (1...24).map { number in
            Sample.entry(
                "image\(Int.random(in: 1...9, using: &generator))", number,
                at: Int64.random(in: 1...6, using: &generator))
        }
        let start = ListFiles(list: Array("# old\nLHfKVPoHcv4oMirHU0KuOQc-TvI\n".utf8))
        let expected = try Sample.files([entries], from: start)
        var batches: [[UpdatedList.Entry]] = []
        var rest = entries.shuffled(using: &generator)[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...6, using: &generator)
            batches.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        let files = try Sample.files(batches, from: start)
        #expect(files.list == expected.list, "seed \(seed)")
        // Redelivering everything, in any company, changes nothing.
        let again = try Sample.files([entries.shuffled(using: &generator)], from: files)
        #expect(again == files, "seed \(seed)")
        #expect(try catalogue(files).changelog.batches.count == batches.count)
    }
}
