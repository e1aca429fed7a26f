// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageLists
import Pipeline
import TestSupport
import Testing

@testable import ListPublisherWorker

/// A worker is killed (SIGKILL) at each step of a commit; the next one, with the same working
/// copy, ends where an undisturbed one would.
@Suite(.serialized, .endorsed, .timeLimit(.minutes(10))) struct KillTests {
    private static let names = ["one", "two", "three"]

    /// The list of an undisturbed worker that was given one batch after another.
    private func undisturbed() async throws -> (list: [UInt8], ids: [String]) {
        let (place, bench) = (try Place.directory(), try Bench())
        let handler = ListPublisherHandler(try place.target())
        let first = try await bench.handle(handler, [try Sample.uploaded("zero")])
        let rest = try await bench.handle(handler, try Self.names.map { try Sample.uploaded($0) })
        return (try await place.files().list, (first + rest).events.map(\.id))
    }

    @Test(arguments: [
        "write", "write-changelog", "rename-changelog", "rename-list", "synchronise",
    ])
    func aDirectoryIsWholeAfterEachStep(step: String) async throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("lists")
        let target = DirectoryTarget(
            directory: path, listName: "image_list", lockTimeMax: .seconds(30))
        let bench = try Bench()
        _ = try await bench.handle(
            ListPublisherHandler(target), [try Sample.uploaded("zero")])
        let before = FileManager.default.contents(atPath: path + "/image_list.txt")

        let endorser = try await SampleEndorser.files()
        let (p12, password) = (endorser.pkcs12Path, endorser.password)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                step = step as String, path = path as String, p12 = p12 as String,
                password = password as String
            ] in
            try SampleEndorser.adopt(p12, password: password)
            let target = DirectoryTarget(
                directory: path, listName: "image_list", lockTimeMax: .seconds(30),
                beforeStep: { if $0 == step { kill(getpid(), SIGKILL) } })
            let events = try KillTests.names.map { try Sample.uploaded($0) }
            _ = try await Bench().handle(ListPublisherHandler(target), events)
        }
        let expected = try await undisturbed()
        // A reader sees the old list or the new one, whole, at each moment.
        let seen = FileManager.default.contents(atPath: path + "/image_list.txt")
        #expect(seen == before || seen == Data(expected.list))
        let next = DirectoryTarget(
            directory: path, listName: "image_list", lockTimeMax: .seconds(30))
        let events = try Self.names.map { try Sample.uploaded($0) }
        let outcomes = try await bench.handle(ListPublisherHandler(next), events)
        #expect(outcomes.events.map(\.id) == Array(expected.ids.dropFirst()))
        #expect(
            FileManager.default.contents(atPath: path + "/image_list.txt")
                == Data(expected.list))
        let left = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        #expect(left == [".image_list.lock", "image_list.changelog", "image_list.txt"])
    }

    enum Moment: String, CaseIterable, Sendable, Codable {
        /// Before the program does anything, and it does nothing.
        case before
        /// When the program has done its work.
        case after
        /// The program outlives the worker and does its work alone.
        case orphaned
    }

    /// Puts a program before the real one in `PATH` that kills the worker at `moment` of the
    /// subcommand `step`.
    private static func deadlyProgram(
        _ program: String, _ step: String, _ moment: Moment, in folder: TemporaryDirectory
    ) throws -> String {
        let real = program == "svn" ? "/usr/bin/svn" : "/usr/bin/git"
        let action =
            switch moment {
            case .before: "kill -9 $PPID; exit 1"
            case .after: "\(real) \"$@\"; kill -9 $PPID; exit 1"
            case .orphaned: "kill -9 $PPID; exec \(real) \"$@\""
            }
        let text = """
            #!/bin/sh
            step=$1
            case "$1" in --git-dir=*) step=$2;; esac
            if [ "$step" = "\(step)" ]; then \(action); fi
            exec \(real) "$@"
            """
        try folder.write(text, to: "bin/\(program)")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder.file("bin/\(program)"))
        return folder.file("bin")
    }

    private static let subversionSteps = ["checkout", "update", "add", "commit"].flatMap { step in
        Moment.allCases.map { (step, $0) }
    }

    @Test(arguments: subversionSteps)
    func aSubversionListIsWholeAfterEachStep(step: String, moment: Moment) async throws {
        let (repository, folder) = (try await SubversionRepository(), try TemporaryDirectory())
        let settings: @Sendable (String, String) -> SubversionTarget.Settings = { url, copy in
            .init(url: url, listName: "image_list", workingCopy: copy, timeMax: .seconds(60))
        }
        let bin = try Self.deadlyProgram("svn", step, moment, in: folder)
        let (url, copy) = (repository.url, folder.file("w"))
        let bench = try Bench()
        _ = try await bench.handle(
            ListPublisherHandler(SubversionTarget(settings(url, folder.file("first")))),
            [try Sample.uploaded("zero")])

        let endorser = try await SampleEndorser.files()
        let (p12, password) = (endorser.pkcs12Path, endorser.password)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                bin = bin as String, url = url as String, copy = copy as String,
                p12 = p12 as String,
                password = password as String
            ] in
            try SampleEndorser.adopt(p12, password: password)
            setenv("PATH", "\(bin):/usr/bin:/bin", 1)
            let target = SubversionTarget(
                .init(
                    url: url, listName: "image_list", workingCopy: copy, timeMax: .seconds(60)))
            let events = try KillTests.names.map { try Sample.uploaded($0) }
            _ = try await Bench().handle(ListPublisherHandler(target), events)
        }
        let next = ListPublisherHandler(SubversionTarget(settings(url, copy)))
        let events = try Self.names.map { try Sample.uploaded($0) }
        let outcomes = try await bench.handle(next, events)
        let expected = try await undisturbed()
        #expect(outcomes.events.map(\.id) == Array(expected.ids.dropFirst()))
        #expect(try await repository.content(of: "image_list.txt") == expected.list)
        #expect(try await repository.youngest() == 2)
        #expect(try await repository.changes().count == 2)
    }

    private static let gitSteps = ["init", "fetch", "write-tree", "commit-tree", "push"].flatMap {
        step in Moment.allCases.map { (step, $0) }
    }

    @Test(arguments: gitSteps)
    func aGitListIsWholeAfterEachStep(step: String, moment: Moment) async throws {
        let (repository, folder) = (try await GitRepository(), try TemporaryDirectory())
        let bin = try Self.deadlyProgram("git", step, moment, in: folder)
        let (url, copy) = (repository.path, folder.file("w"))
        let settings: @Sendable (String, String) -> GitTarget.Settings = { url, copy in
            .init(
                url: url, branch: "main", folder: "", listName: "image_list", workingCopy: copy,
                author: "x", timeMax: .seconds(60))
        }
        let bench = try Bench()
        _ = try await bench.handle(
            ListPublisherHandler(GitTarget(settings(url, folder.file("first")))),
            [try Sample.uploaded("zero")])

        let endorser = try await SampleEndorser.files()
        let (p12, password) = (endorser.pkcs12Path, endorser.password)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                bin = bin as String, url = url as String, copy = copy as String,
                p12 = p12 as String,
                password = password as String
            ] in
            try SampleEndorser.adopt(p12, password: password)
            setenv("PATH", "\(bin):/usr/bin:/bin", 1)
            let target = GitTarget(
                .init(
                    url: url, branch: "main", folder: "", listName: "image_list",
                    workingCopy: copy, author: "x", timeMax: .seconds(60)))
            let events = try KillTests.names.map { try Sample.uploaded($0) }
            _ = try await Bench().handle(ListPublisherHandler(target), events)
        }
        let next = ListPublisherHandler(GitTarget(settings(url, copy)))
        let events = try Self.names.map { try Sample.uploaded($0) }
        let outcomes = try await bench.handle(next, events)
        let expected = try await undisturbed()
        #expect(outcomes.events.map(\.id) == Array(expected.ids.dropFirst()))
        #expect(try await repository.content(of: "image_list.txt") == expected.list)
        #expect(try await repository.commitCount() == 2)
    }
}
