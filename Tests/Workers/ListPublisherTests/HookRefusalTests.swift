// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageLists
import Pipeline
import TestSupport
import Testing

@testable import ListPublisherWorker

/// A hook refuses a commit as a whole; only the entries at fault may suffer for it.
@Suite(.endorsed, .timeLimit(.minutes(5))) struct HookRefusalTests {
    /// Refuses any list in which a name begins with `bad`, and says so in several lines.
    private static let subversionHook = """
        #!/bin/sh
        if /usr/bin/svnlook cat -t "$2" "$1" image_list.txt | /bin/grep -q '^# image: bad'; then
            printf 'rule no-bad:\\n  a \\033[31mbad\\033[0m image\\n' >&2
            exit 1
        fi
        """

    private func subversion(
        _ repository: SubversionRepository, _ scratch: TemporaryDirectory
    ) -> SubversionTarget {
        SubversionTarget(
            .init(
                url: repository.url, listName: "image_list", workingCopy: scratch.file("w"),
                timeMax: .seconds(60)))
    }

    private func check(_ outcomes: [Outcome], files: ListFiles) throws {
        #expect(outcomes.rules == [nil, "hook-refused", nil, nil, "hook-refused"])
        let names = try outcomes.lists().flatMap(\.added).map(\.name)
        #expect(names.sorted() == ["a", "b", "c"])
        let list = try ImageList(name: "image_list", parsing: files.list)
        #expect(list.entries.keys.sorted() == ["a", "b", "c"])
        #expect(list.serial == 3)
        guard case .reject(let rejection) = outcomes[1] else { return }
        #expect(rejection.message.contains("rule no-bad: a [31mbad [0m image"))
        #expect(rejection.message.utf8.allSatisfy { $0 >= 0x20 })
    }

    @Test func aSubversionHookCostsOnlyTheEntriesAtFault() async throws {
        let (repository, scratch) = (try await SubversionRepository(), try TemporaryDirectory())
        try repository.install(hook: "pre-commit", Self.subversionHook)
        let handler = ListPublisherHandler(subversion(repository, scratch))
        let events = try ["a", "bad1", "b", "c", "bad2"].map { try Sample.uploaded($0) }
        let bench = try Bench()
        let outcomes = try await bench.handle(handler, events)
        let files = ListFiles(list: try await repository.content(of: "image_list.txt") ?? [])
        try check(outcomes, files: files)
        #expect(try await bench.handle(handler, events).rules == outcomes.rules)
    }

    @Test func aGitHookCostsOnlyTheEntriesAtFault() async throws {
        let (repository, scratch) = (try await GitRepository(), try TemporaryDirectory())
        try repository.install(
            hook: "pre-receive",
            """
            #!/bin/sh
            read old new name
            if git show "$new:image_list.txt" | grep -q '^# image: bad'; then
                printf 'rule no-bad:\\n  a \\033[31mbad\\033[0m image\\n' >&2
                exit 1
            fi
            """)
        let target = GitTarget(
            .init(
                url: repository.path, branch: "main", folder: "", listName: "image_list",
                workingCopy: scratch.file("w"), author: "x", timeMax: .seconds(60)))
        let events = try ["a", "bad1", "b", "c", "bad2"].map { try Sample.uploaded($0) }
        let outcomes = try await Bench().handle(ListPublisherHandler(target), events)
        let files = ListFiles(list: try await repository.content(of: "image_list.txt") ?? [])
        try check(outcomes, files: files)
    }

    @Test func aHookThatCannotDecideRejectsNobody() async throws {
        let (repository, scratch) = (try await SubversionRepository(), try TemporaryDirectory())
        try repository.install(
            hook: "pre-commit", "#!/bin/sh\necho '[temporary] no answer' >&2\nexit 1\n")
        let handler = ListPublisherHandler(subversion(repository, scratch))
        let (event, bench) = (try Sample.uploaded("a"), try Bench())
        let error = await #expect(throws: ListTargetError.self) {
            try await bench.handle(handler, [event])
        }
        #expect(error == .hookUndecided(text: "[temporary] no answer"))
        #expect(error?.disposition == .transient)
        try repository.remove(hook: "pre-commit")
        #expect(try await bench.handle(handler, [event]).events.count == 1)
    }

    /// A hook that does not start is the administrator's trouble, not the image's.
    @Test func aBrokenHookRejectsNobody() async throws {
        let (repository, scratch) = (try await SubversionRepository(), try TemporaryDirectory())
        try repository.install(hook: "pre-commit", "#!/no/such/interpreter\n")
        let handler = ListPublisherHandler(subversion(repository, scratch))
        let error = await #expect(throws: ListTargetError.self) {
            try await Bench().handle(handler, [try Sample.uploaded("a")])
        }
        #expect(error?.disposition == .transient)
    }
}
