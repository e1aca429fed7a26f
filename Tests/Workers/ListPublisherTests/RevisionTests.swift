// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageLists
import Pipeline
import PipelineTesting
import StratusLab
import TestSupport
import Testing

@testable import ListPublisherWorker

/// Withdrawals and renewals by event.
@Suite(.endorsed, .timeLimit(.minutes(5))) struct RevisionTests {
    @Test(arguments: PlaceKind.allCases)
    func theListFollowsAndARedeliveryChangesNothing(kind: PlaceKind) async throws {
        let (place, bench) = (try await kind.make(), try Bench())
        let handler = ListPublisherHandler(try place.target())
        let events = try ["keep", "old", "stale"].map { try Sample.uploaded($0) }
        _ = try await bench.handle(handler, events)
        let withdrawal = try Sample.revised(.withdrawn, events[1], at: 1_800_000_000)
        let renewal = try Sample.revised(.renewed, events[2], at: 1_800_000_001)
        let outcomes = try await bench.handle(handler, [renewal, withdrawal])
        #expect(outcomes.rules == [nil, nil])
        let list = try #require(try outcomes.lists().first)
        #expect(outcomes.events.count == 1 && list.serial == 5)
        #expect(list.added.map(\.name) == ["stale"])
        #expect(list.added[0].publication == renewal.publication)
        #expect(list.added[0].version == list.removed[1].version)
        #expect(
            list.added[0].location == (try renewal.section(UploadedMetadata.self)).location)
        #expect(list.removed.map(\.name) == ["old", "stale"])
        #expect(list.removed[0].withdrawnBy == withdrawal.publication)
        #expect(list.removed[0].withdrawalReason == "a hole = 100 %")
        #expect(list.removed[1].withdrawnBy == nil)
        let files = try await place.files()
        let entries = try ImageList(name: "image_list", parsing: files.list).entries
        #expect(entries.keys.sorted() == ["keep", "stale"])
        #expect(entries["stale"] == list.added[0])
        #expect(list.sha256 == Fixture.digests(of: files.list).sha256)
        let commits = try await place.commits()
        #expect(commits ?? 2 == 2)
        // By another process, in any order and company.
        for subset in [[withdrawal], [renewal], [events[1], withdrawal], events] {
            let again = ListPublisherHandler(try place.target())
            let ids = try await bench.handle(again, subset).events.map(\.id)
            #expect(ids.last == (subset.count > 2 ? ids.first : outcomes.events[0].id))
        }
        #expect(try await place.files() == files)
        #expect(try await place.commits() == commits)
    }

    @Test func aWithdrawalAloneIsAnnouncedUnderItsPublication() async throws {
        let (place, bench) = (try await PlaceKind.git.make(), try Bench())
        let handler = ListPublisherHandler(try place.target())
        let listed = try Sample.uploaded("one")
        _ = try await bench.handle(handler, [listed])
        let withdrawal = try Sample.revised(.withdrawn, listed, at: 1_800_000_000)
        let event = try #require(try await bench.handle(handler, [withdrawal]).events.first)
        #expect(event.publication == withdrawal.publication)
        #expect(try Event(decoding: event.encoded()) == event)
        // What was asked for before does not come back; what is asked for later does.
        let late = try Sample.uploaded("one", at: 1_750_000_000, key: "late")
        guard case .reject(let rejection)? = try await bench.handle(handler, [late]).first else {
            Issue.record("not rejected")
            return
        }
        #expect(rejection.rule == "superseded")
        #expect(rejection.evidence["supersededBy"] == withdrawal.publication)
        let anew = try Sample.uploaded("one", at: 1_800_000_001)
        #expect(try await bench.handle(handler, [anew]).lists()[0].added.map(\.name) == ["one"])
    }

    @Test func aBatchOfEverythingSettlesInOrder() async throws {
        let (place, bench) = (try await PlaceKind.subversion.make(), try Bench())
        let handler = ListPublisherHandler(try place.target())
        let listed = try Sample.uploaded("one", at: 1_000)
        let events = [
            try Sample.uploaded("one", at: 4_000),
            try Sample.revised(.withdrawn, listed, at: 3_000),
            listed, try Sample.revised(.renewed, listed, at: 2_000),
            try Sample.uploaded("two", at: 1_500),
        ]
        let outcomes = try await bench.handle(handler, events)
        #expect(outcomes.rules == [nil, nil, nil, nil, nil])
        #expect(try outcomes.lists().map(\.serial).sorted() == [2, 3, 4, 5])
        let list = try ImageList(name: "image_list", parsing: try await place.files().list)
        #expect(list.entries.mapValues(\.requestTime.seconds) == ["one": 4_000, "two": 1_500])
        let before = try await place.files()
        let again = try await bench.handle(handler, events)
        #expect(Set(again.events.map(\.id)) == Set(outcomes.events.map(\.id)))
        #expect(try await place.files() == before)
    }

    @Test func onlyWhatIsListedByTheSameEndorserIsRevised() async throws {
        let (place, bench) = (try PlaceKind.directoryPlace(), try Bench())
        let handler = ListPublisherHandler(try place.target())
        let listed = try Sample.uploaded("one")
        let gone = try Sample.revised(.withdrawn, try Sample.uploaded("gone"), at: 1_800_000_000)
        _ = try await bench.handle(handler, [listed])
        let foreign = try await SampleEndorser.another("/CN=Mallory")
        let forged = try Sample.revised(.withdrawn, listed, at: 1_800_000_000, by: foreign)
        let before = try await place.files()
        let outcomes = try await bench.handle(handler, [gone, forged])
        #expect(outcomes.rules == ["not-listed", "not-listed"])
        guard case .reject(let rejection) = outcomes[1] else { return }
        #expect(rejection.evidence["expected"] == "CN=Mallory")
        #expect(rejection.message.contains("by another endorser"))
        #expect(try await place.files() == before)
    }

    /// The event says withdrawn or renewed; the document decides.
    @Test func theDocumentHasToSayTheSame() async throws {
        let (place, bench) = (try PlaceKind.directoryPlace(), try Bench())
        let handler = ListPublisherHandler(try place.target())
        let listed = try Sample.uploaded("one")
        _ = try await bench.handle(handler, [listed])
        let now = Int64(1_800_000_000)
        let cases: [(String, Event)] = [
            (
                "document-mismatch",
                try Sample.revised(.withdrawn, listed, at: now) { $0.deprecated = nil }
            ),
            (
                "document-mismatch",
                try Sample.revised(.withdrawn, listed, at: now) { $0.deprecated = "else" }
            ),
            (
                "document-deprecated",
                try Sample.revised(.renewed, listed, at: now) { $0.deprecated = "x" }
            ),
            (
                "document-expired",
                try Sample.revised(.renewed, listed, at: now) { $0.valid = Timestamp(seconds: 9) }
            ),
            ("invalid-entry", try Sample.revised(.withdrawn, listed, at: now, reason: "a\nb")),
        ]
        for (rule, event) in cases {
            #expect(try await bench.handle(handler, [event]).rules == [rule])
        }
        // What is withdrawn may have expired; white space is nobody's matter.
        let withdrawal = try Sample.revised(.withdrawn, listed, at: now, reason: " a  b ") {
            $0.valid = Timestamp(seconds: 9)
            $0.deprecated = "a b"
        }
        #expect(try await bench.handle(handler, [withdrawal]).events.count == 1)
        #expect(
            try ImageList(name: "image_list", parsing: try await place.files().list).entries
                .isEmpty)
    }

    @Test func aCommitSaysWhatItDoes() throws {
        let entry = { (name: String, publication: String) in
            UpdatedList.Entry(
                name: name, version: nil, identifier: "", publication: publication,
                requestTime: Timestamp(seconds: 0), location: "", documentSHA256: "",
                endorser: "")
        }
        var withdrawn = entry("gone", "1")
        withdrawn.withdrawnBy = "2"
        let batch = ChangelogBatch(
            serials: 1...2, time: Timestamp(seconds: 0), added: [entry("fresh", "3")],
            removed: [withdrawn, entry("fresh", "4")], revised: ["2": Timestamp(seconds: 0)])
        #expect(
            CommitNote(list: "l", batch: batch).message.hasPrefix(
                "l 1-2: replace fresh; withdraw gone\n"))
        let renewal = ChangelogBatch(
            serials: 1...1, time: Timestamp(seconds: 0), added: [entry("stale", "3")],
            removed: [entry("stale", "4")], revised: ["3": Timestamp(seconds: 0)])
        #expect(CommitNote(list: "l", batch: renewal).message.hasPrefix("l 1: renew stale\n"))
    }
}
