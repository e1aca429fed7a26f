// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageLists
import TestSupport
import Testing

@testable import ListPublisherWorker

/// What ``ListTarget`` promises, on every kind of target.
@Suite(.endorsed, .timeLimit(.minutes(5))) struct ListTargetContract {
    private func change(
        _ files: ListFiles, adding name: String
    ) throws -> (files: ListFiles, note: CommitNote) {
        let event = try Sample.uploaded(name)
        let entry = UpdatedList.Entry(
            name: name, version: nil, identifier: String(repeating: "A", count: 27),
            publication: event.publication, requestTime: Timestamp(seconds: 1_600_000_000),
            location: "https://m.example.org/metadata/x",
            documentSHA256: .init(
                repeating: "a", count: 64), endorser: "jane@example.org")
        let settlement = try ImageCatalogue(name: "image_list", files: files).settling(
            [.listing(entry)])
        return (
            try #require(settlement.files),
            CommitNote(list: "image_list", batch: try #require(settlement.batch))
        )
    }

    @Test(arguments: PlaceKind.allCases)
    func whatIsCommittedIsWhatReadersAndOthersSee(kind: PlaceKind) async throws {
        let place = try await kind.make()
        let target = try place.target()
        #expect(try await target.load() == ListFiles())
        let (first, note) = try change(ListFiles(), adding: "one")
        guard case .committed(let revision) = try await target.commit(first, note) else {
            Issue.record("not committed")
            return
        }
        #expect(try await place.files() == first)
        #expect(try await target.load() == first)
        #expect(try await target.revision(of: note) == revision)
        // A second commit by the same, then one by another process.
        let (second, secondNote) = try change(first, adding: "two")
        #expect(try await target.commit(second, secondNote) != .outdated)
        let other = try place.target()
        #expect(try await other.load() == second)
        #expect(try await other.revision(of: note) == revision)
        let (third, thirdNote) = try change(second, adding: "three")
        #expect(try await other.commit(third, thirdNote) != .outdated)
        #expect(try await target.load() == third)
    }

    @Test(arguments: PlaceKind.allCases)
    func theSlowerOfTwoCommittersIsTold(kind: PlaceKind) async throws {
        let place = try await kind.make()
        let (one, two) = (try place.target(), try place.target())
        // Twice: when the files are new, and when they are there.
        for round in 1...2 {
            let base = try await one.load()
            #expect(try await two.load() == base)
            let (mine, myNote) = try change(base, adding: "mine\(round)")
            let (theirs, theirNote) = try change(base, adding: "theirs\(round)")
            #expect(try await one.commit(mine, myNote) != .outdated)
            #expect(try await two.commit(theirs, theirNote) == .outdated)
            #expect(try await place.files() == mine)
            #expect(try await two.load() == mine)
        }
    }

    @Test(arguments: PlaceKind.allCases)
    func aForeignCommitBetweenLoadAndCommitIsKept(kind: PlaceKind) async throws {
        let place = try await kind.make()
        let target = try place.target()
        let base = try await target.load()
        var foreign = ListFiles(list: Array("# by hand\n".utf8), changelog: Array("# x\n".utf8))
        try await place.foreignCommit(foreign)
        let (mine, note) = try change(base, adding: "mine")
        #expect(try await target.commit(mine, note) == .outdated)
        #expect(try await target.load() == foreign)
        // Now both files exist, and only the list is touched.
        foreign.list += Array("# more\n".utf8)
        try await place.foreignCommit(foreign)
        let (again, _) = try change(try await target.load(), adding: "mine")
        #expect(try await target.commit(again, note) != .outdated)
        #expect(String(decoding: try await place.files().list, as: UTF8.self).contains("# more"))
    }

    @Test(arguments: [PlaceKind.subversion, .git])
    func aLostWorkingCopyIsMadeAnew(kind: PlaceKind) async throws {
        let scratch = try TemporaryDirectory()
        let repository = try await SubversionRepository()
        let bare = try await GitRepository()
        defer { withExtendedLifetime((bare, repository)) {} }
        let target: any ListTarget =
            kind == .git
            ? GitTarget(
                .init(
                    url: bare.path, branch: "main", folder: "", listName: "image_list",
                    workingCopy: scratch.file("w"), author: "x", timeMax: .seconds(60)))
            : SubversionTarget(
                .init(
                    url: repository.url, listName: "image_list", workingCopy: scratch.file("w"),
                    timeMax: .seconds(60)))
        let (first, note) = try change(try await target.load(), adding: "one")
        #expect(try await target.commit(first, note) != .outdated)
        for name in try FileManager.default.contentsOfDirectory(atPath: scratch.file("w/1"))
        where name.hasPrefix("work-") {
            try FileManager.default.removeItem(atPath: scratch.file("w/1/\(name)"))
        }
        #expect(try await target.load() == first)
    }

    @Test(arguments: [PlaceKind.subversion, .git, .directory])
    func aPlantedSymbolicLinkIsNotFollowed(kind: PlaceKind) async throws {
        let folder = try TemporaryDirectory()
        let secret = try folder.write("secret\n", to: "secret")
        let (bare, repository) = (try await GitRepository(), try await SubversionRepository())
        defer { withExtendedLifetime((bare, repository)) {} }
        let target: any ListTarget
        switch kind {
        case .git:
            let clone = folder.file("clone")
            try await bare.git(["clone", "--quiet", bare.path, clone])
            try FileManager.default.createSymbolicLink(
                atPath: clone + "/image_list.txt", withDestinationPath: secret)
            try await bare.git(["-C", clone, "add", "."])
            try await bare.git(["-C", clone, "commit", "-q", "-m", "x"])
            try await bare.git(["-C", clone, "push", "-q", "origin", "HEAD:main"])
            target = GitTarget(
                .init(
                    url: bare.path, branch: "main", folder: "", listName: "image_list",
                    workingCopy: folder.file("w"), author: "x", timeMax: .seconds(60)))
        case .directory:
            let lists = folder.file("lists")
            try FileManager.default.createDirectory(
                atPath: lists, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: lists + "/image_list.txt", withDestinationPath: secret)
            target = DirectoryTarget(
                directory: lists, listName: "image_list", lockTimeMax: .seconds(10))
        default:
            let copy = folder.file("copy")
            try await run("svn", ["checkout", "-q", repository.url, copy])
            try FileManager.default.createSymbolicLink(
                atPath: copy + "/image_list.txt", withDestinationPath: secret)
            try await run("svn", ["add", "-q", copy + "/image_list.txt"])
            try await run("svn", ["commit", "-q", "-m", "x", copy])
            target = SubversionTarget(
                .init(
                    url: repository.url, listName: "image_list", workingCopy: folder.file("w"),
                    timeMax: .seconds(60)))
        }
        let error = await #expect(throws: ListTargetError.self) { try await target.load() }
        guard case .wrongFile = error else {
            Issue.record("wrong error: \(String(describing: error))")
            return
        }
    }
}
