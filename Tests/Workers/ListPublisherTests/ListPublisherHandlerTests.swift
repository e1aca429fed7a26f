// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageLists
import Pipeline
import PipelineTesting
import Synchronization
import TestSupport
import Testing

@testable import ListPublisherWorker

@Suite(.endorsed, .timeLimit(.minutes(5))) struct ListPublisherHandlerTests {
    @Test(arguments: PlaceKind.allCases)
    func aBatchIsOneCommitAndOneAnnouncement(kind: PlaceKind) async throws {
        let (place, bench) = (try await kind.make(), try Bench())
        let handler = ListPublisherHandler(try place.target(), url: "https://lists.example.org/x")
        let events = try ["delta", "alpha", "charlie"].map { try Sample.uploaded($0) }
        let outcomes = try await bench.handle(handler, events)
        #expect(outcomes.count == 3)
        #expect(outcomes.rules == [nil, nil, nil])
        let list = try #require(try outcomes.lists().first)
        #expect(outcomes.events.count == 1)
        #expect(list.serial == 3)
        #expect(list.added.map(\.name) == ["alpha", "charlie", "delta"])
        #expect(list.removed.isEmpty)
        #expect(list.url == "https://lists.example.org/x")
        let files = try await place.files()
        #expect(list.size == files.list.count)
        #expect(list.sha256 == Fixture.digests(of: files.list).sha256)
        #expect(list.added[0].location == (try events[1].section(UploadedMetadata.self)).location)
        #expect(try await place.commits() ?? 1 == 1)
        let event = try #require(outcomes.events.first)
        #expect(event.subject == "image_list")
        #expect(event.publication == list.added[0].publication)
        // What is emitted is what every reader of events accepts.
        #expect(try Event(decoding: event.encoded()) == event)
    }

    /// The crash after the commit and before the acknowledgement, as the broker repeats it: to
    /// another process, in another order and company, and even after a replacement.
    @Test(arguments: PlaceKind.allCases)
    func aRedeliveryAnnouncesTheSameAgainAndCommitsNothing(kind: PlaceKind) async throws {
        let (place, bench) = (try await kind.make(), try Bench())
        let events = try ["one", "two", "three"].map { try Sample.uploaded($0) }
        let handler = ListPublisherHandler(try place.target())
        let first = try #require(try await bench.handle(handler, events).events.first)
        let later = try Sample.uploaded("two", at: 1_800_000_000)
        let replaced = try await bench.handle(handler, [later]).lists()
        #expect(replaced.first?.removed.map(\.publication) == [events[1].publication])
        let before = try await place.files()
        let commits = try await place.commits()
        for subset in [[events[1]], [events[2], events[0]], events] {
            let other = ListPublisherHandler(try place.target())
            let again = try await bench.handle(other, subset)
            #expect(again.events.map(\.id) == [first.id])
            #expect(again.events.map(\.data) == [first.data])
            #expect(again.events.map(\.publication) == [first.publication])
        }
        #expect(try await place.files() == before)
        #expect(try await place.commits() == commits)
    }

    @Test func aLateOlderRequestIsToldThatItIsSuperseded() async throws {
        let (place, bench) = (try await PlaceKind.git.make(), try Bench())
        let handler = ListPublisherHandler(try place.target())
        let newer = try Sample.uploaded("cirros", at: 2_000)
        let older = try Sample.uploaded("cirros", at: 1_000)
        #expect(try await bench.handle(handler, [newer]).events.count == 1)
        for _ in 1...2 {
            let outcomes = try await bench.handle(handler, [older])
            guard case .reject(let rejection) = outcomes.first else {
                Issue.record("not rejected")
                return
            }
            #expect(rejection.rule == "superseded")
            #expect(rejection.evidence["supersededBy"] == newer.publication)
        }
        // Together with its successor, neither order matters.
        let pair = [try Sample.uploaded("b", at: 2), try Sample.uploaded("b", at: 1)]
        let outcomes = try await bench.handle(handler, pair)
        #expect(outcomes.rules == [nil, "superseded"])
        #expect(try outcomes.lists().first?.added.map(\.name) == ["b"])
    }

    @Test func anEntryThatNoListCanHoldIsRejected() async throws {
        let (place, bench) = (try await PlaceKind.directory.make(), try Bench())
        let handler = ListPublisherHandler(try place.target())
        var event = try Sample.uploaded("cirros")
        event.data = try event.data(
            adding: UploadedMetadata(marketplace: "x", location: "javascript:alert(1)"))
        let outcomes = try await bench.handle(handler, [event, try Sample.uploaded("good")])
        #expect(outcomes.rules == ["invalid-entry", nil])
        #expect(try outcomes.lists().first?.added.map(\.name) == ["good"])
    }

    @Test(arguments: PlaceKind.allCases)
    func twoPublishersAtOnceListEverythingOnce(kind: PlaceKind) async throws {
        let (place, bench) = (try await kind.make(), try Bench())
        let names = (1...12).map { "image\($0)" }
        let events = try names.map { try Sample.uploaded($0) }
        let lists = try await withThrowingTaskGroup(of: [UpdatedList].self) { group in
            for half in 0...1 {
                let handler = ListPublisherHandler(try place.target())
                group.addTask {
                    var lists: [UpdatedList] = []
                    for start in stride(from: half * 6, to: half * 6 + 6, by: 2) {
                        let batch = Array(events[start..<start + 2])
                        lists += try await bench.handle(handler, batch).lists()
                    }
                    return lists
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(lists.flatMap(\.added).map(\.name).sorted() == names.sorted())
        #expect(Set(lists.map(\.serial)) == [2, 4, 6, 8, 10, 12])
        let undisturbed = try PlaceKind.directoryPlace()
        _ = try await bench.handle(ListPublisherHandler(try undisturbed.target()), events)
        #expect(try await place.files().list == (try await undisturbed.files().list))
    }

    @Test(arguments: PlaceKind.allCases)
    func aForeignCommitterInBetweenIsRespected(kind: PlaceKind) async throws {
        let (place, bench) = (try await kind.make(), try Bench())
        let foreign = Array("# by hand\nLHfKVPoHcv4oMirHU0KuOQc-TvI\n".utf8)
        let target = Interloper(try place.target()) {
            try await place.foreignCommit(ListFiles(list: foreign, changelog: Array("# x\n".utf8)))
        }
        let outcomes = try await bench.handle(
            ListPublisherHandler(target), [try Sample.uploaded("mine")])
        #expect(try outcomes.lists().first?.added.map(\.name) == ["mine"])
        let text = String(decoding: try await place.files().list, as: UTF8.self)
        #expect(text.contains("# by hand\nLHfKVPoHcv4oMirHU0KuOQc-TvI\n"))
        #expect(text.contains("# image: mine\n"))
    }

    @Test func anAnnouncementTooLargeForAnEventIsDivided() async throws {
        let (place, bench) = (try await PlaceKind.directory.make(), try Bench())
        let handler = ListPublisherHandler(try place.target(), batchMax: 300)
        for round in 1...2 {
            let events = try (0..<150).map { number in
                try Sample.uploaded(
                    "image\(number)" + String(repeating: "x", count: 100), at: Int64(round))
            }
            let outcomes = try await bench.handle(handler, events)
            #expect(outcomes.rules.allSatisfy { $0 == nil })
            let lists = try outcomes.lists()
            #expect(lists.count > 1)
            #expect(lists.flatMap(\.added).count == 150)
            for event in outcomes.events { #expect(try event.encoded().count < 58_000) }
            #expect(
                try await bench.handle(handler, events).events.map(\.id).sorted()
                    == outcomes.events.map(\.id).sorted())
        }
    }

    @Test func whatTheDeadlineLeavesIsYielded() async throws {
        let place = try await PlaceKind.directory.make()
        let bench = try Bench(deadline: .zero)
        let handler = ListPublisherHandler(try place.target(), batchMax: 300)
        let events = try (0..<150).map { number in
            try Sample.uploaded("image\(number)" + String(repeating: "x", count: 100))
        }
        let outcomes = try await bench.handle(handler, events)
        let yielded = outcomes.count { if case .yield = $0 { true } else { false } }
        #expect(outcomes.events.count == 1)
        #expect(yielded == 150 - (try outcomes.lists())[0].added.count)
        #expect(yielded > 0)
    }

    @Test func othersWhoAreAlwaysFasterEndInALaterTry() async throws {
        let (place, bench) = (try await PlaceKind.directory.make(), try Bench())
        let target = Interloper(try place.target(), times: .max) {
            let text = "# \(UUID().uuidString)\n"
            try await place.foreignCommit(ListFiles(list: Array(text.utf8), changelog: []))
        }
        let pauses = Mutex(0)
        let publication = ListPublication(
            name: "image_list", url: nil, target: target,
            backoff: { _ in pauses.withLock { $0 += 1 } })
        let handler = ListPublisherHandler(publication, check: DocumentCheck(), batchMax: 10)
        let error = await #expect(throws: ListTargetError.self) {
            try await bench.handle(handler, [try Sample.uploaded("x")])
        }
        #expect(error?.disposition == .transient)
        #expect(pauses.withLock { $0 } == ListPublication.raceMax)
    }
}

extension PlaceKind {
    static func directoryPlace() throws -> Place { try Place.directory() }
}

/// Lets another committer commit between a load and the commit that rests on it.
actor Interloper: ListTarget {
    private let target: any ListTarget
    private var times: Int
    private let commit: @Sendable () async throws -> Void

    init(
        _ target: any ListTarget, times: Int = 1,
        commit: @escaping @Sendable () async throws -> Void
    ) {
        self.target = target
        self.times = times
        self.commit = commit
    }

    func load() async throws(ListTargetError) -> ListFiles { try await target.load() }

    func commit(_ files: ListFiles, _ note: CommitNote) async throws(ListTargetError)
        -> CommitAnswer
    {
        if times > 0 {
            times -= 1
            do {
                try await commit()
            } catch {
                Issue.record(error)
            }
        }
        return try await target.commit(files, note)
    }

    func revision(of note: CommitNote) async throws(ListTargetError) -> String? {
        try await target.revision(of: note)
    }
}
