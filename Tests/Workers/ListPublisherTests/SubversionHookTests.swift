// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageLists
import Pipeline
import TestSupport
import Testing

@testable import ListPublisherWorker

/// `ops/svn-hooks/pre-commit` in a real repository, with a marketplace of files and a stand-in for
/// `imprimatur metadata validate` that refuses what says `BAD SIGNATURE`.
@Suite(.endorsed, .timeLimit(.minutes(5))) struct SubversionHookTests {
    private final class Setting: Sendable {
        let repository: SubversionRepository
        let market: HTTPServer
        let folder: TemporaryDirectory

        init() async throws {
            repository = try await SubversionRepository()
            market = try await HTTPServer()
            folder = try TemporaryDirectory()
            let command = try folder.write(
                """
                #!/bin/sh
                [ "$1 $2" = "metadata validate" ] || exit 64
                if grep -q 'BAD SIGNATURE' "$3"; then echo "$3: bad signature"; exit 1; fi
                """, to: "imprimatur")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: command)
            try repository.installListHook(
                configuration: """
                    # A comment
                    lists = image_list.txt
                    marketplace = http://127.0.0.1:\(market.port)/
                    imprimatur = \(command)
                    time-max = 60
                    """)
        }

        var handler: ListPublisherHandler {
            ListPublisherHandler(
                SubversionTarget(
                    .init(
                        url: repository.url, listName: "image_list",
                        workingCopy: folder.file(UUID().uuidString), timeMax: .seconds(60))))
        }

        /// An event with a good document, whose place in the marketplace holds another one.
        func uploaded(
            _ name: String, valid: String = "2099-01-01T00:00:00Z", extra: String = "",
            identifier: String? = nil
        ) throws -> Event {
            let event = try Sample.uploaded(name, marketplace: market.url(""))
            let own = try event.section(BuiltMetadata.self).identifier
            let signed = try event.section(SignedMetadata.self)
            try market.root.write(
                """
                <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
                xmlns:dcterms="http://purl.org/dc/terms/" \
                xmlns:slreq="http://mp.stratuslab.eu/slreq#" \
                xmlns:slterms="http://mp.stratuslab.eu/slterms#">
                <rdf:Description rdf:about="#\(own)">
                <dcterms:identifier>\(identifier ?? own)</dcterms:identifier>
                <slreq:endorsement><dcterms:created>\(signed.created)</dcterms:created>
                <slreq:endorser><slreq:email>\(signed.endorser.email)</slreq:email></slreq:endorser>
                </slreq:endorsement><dcterms:valid>\(valid)</dcterms:valid>\(extra)
                </rdf:Description></rdf:RDF>
                """, to: try path(of: event))
            return event
        }

        /// Of the event's document in the marketplace.
        func path(of event: Event) throws -> String {
            let location = try event.section(UploadedMetadata.self).location
            return String(location.dropFirst(market.url("").count))
        }

        /// The name by which the server is told how to answer requests for the event's document.
        func program(of event: Event) throws -> String {
            try path(of: event).replacingOccurrences(of: "/", with: "%2F")
                .replacingOccurrences(of: "@", with: "%40")
                .replacingOccurrences(of: ":", with: "%3A")
        }

        /// What `svn commit` says to a person who changes these files.
        func commit(list: String, changelog: String? = nil) async throws -> String? {
            var files = ["image_list.txt": list]
            files["image_list.changelog"] = changelog
            let result = try await repository.commit(files)
            return result.status == 0 ? nil : result.output
        }
    }

    @Test func goodEntriesPassAndBadOnesAreNamed() async throws {
        let setting = try await Setting()
        let past = "2020-01-01T00:00:00Z"
        let events = [
            try setting.uploaded("good"),
            try setting.uploaded("expired", valid: past),
            try setting.uploaded(
                "deprecated", extra: "<slterms:deprecated>old</slterms:deprecated>"),
            try setting.uploaded("forged", extra: "<!-- BAD SIGNATURE -->"),
            try setting.uploaded("other", identifier: String(repeating: "X", count: 27)),
            try setting.uploaded("entity", extra: "<!ENTITY x 'y'>"),
            try Sample.uploaded("elsewhere"),
            try setting.uploaded("fine"),
        ]
        let outcomes = try await Bench().handle(setting.handler, events)
        let messages = outcomes.map { outcome in
            if case .reject(let rejection) = outcome { rejection.message } else { "" }
        }
        let expected = [
            "", "rule expired: ", "rule deprecated: ", "rule invalid-document: ",
            "rule other-document: ", "rule invalid-document: ", "rule other-marketplace: ", "",
        ]
        for (message, rule) in zip(messages, expected) {
            #expect(rule.isEmpty ? message.isEmpty : message.contains(rule), "\(message)")
        }
        #expect(messages[1].contains("image_list.txt:"))
        let list = try ImageList(
            name: "image_list",
            parsing: try #require(try await setting.repository.content(of: "image_list.txt")))
        #expect(list.entries.keys.sorted() == ["fine", "good"])
    }

    @Test func aMarketplaceThatDoesNotAnswerRejectsNobody() async throws {
        let setting = try await Setting()
        let event = try setting.uploaded("good")
        try setting.market.program(try setting.program(of: event), .status(503), .plain)
        let bench = try Bench()
        let error = await #expect(throws: ListTargetError.self) {
            try await bench.handle(setting.handler, [event])
        }
        guard case .hookUndecided(let text) = error else {
            Issue.record("wrong error: \(String(describing: error))")
            return
        }
        #expect(text.contains("answered 503"))
        #expect(try await bench.handle(setting.handler, [event]).events.count == 1)
        setting.market.stop()
        let later = try Sample.uploaded("later", marketplace: setting.market.url(""))
        await #expect(throws: ListTargetError.self) {
            try await bench.handle(setting.handler, [later])
        }
    }

    /// The identifier stays; the hook looks at the document nevertheless.
    @Test func aRenewedDocumentIsLookedAt() async throws {
        let (setting, bench) = (try await Setting(), try Bench())
        let listed = try setting.uploaded("one")
        #expect(try await bench.handle(setting.handler, [listed]).events.count == 1)
        let early = try Sample.revised(.renewed, listed, at: 1_800_000_000)
        #expect(try await bench.handle(setting.handler, [early]).rules == ["hook-refused"])
        let text = try String(
            contentsOfFile: setting.market.root.file(try setting.path(of: listed)),
            encoding: .utf8)
        try setting.market.root.write(text, to: try setting.path(of: early))
        #expect(try await bench.handle(setting.handler, [early]).events.count == 1)
        // What is withdrawn needs none.
        let withdrawal = try Sample.revised(.withdrawn, listed, at: 1_900_000_000)
        #expect(try await bench.handle(setting.handler, [withdrawal]).events.count == 1)
        let list = try await setting.repository.content(of: "image_list.txt") ?? []
        #expect(try ImageList(name: "image_list", parsing: list).entries.isEmpty)
    }

    @Test func aMissingDocumentIsRefused() async throws {
        let setting = try await Setting()
        let event = try setting.uploaded("gone")
        let identifier = try event.section(BuiltMetadata.self).identifier
        try FileManager.default.removeItem(
            atPath: setting.market.root.file("metadata/\(identifier)"))
        let outcomes = try await Bench().handle(setting.handler, [event])
        #expect(outcomes.rules == ["hook-refused"])
    }

    @Test func peopleNeedAChangelogLine() async throws {
        let setting = try await Setting()
        let event = try setting.uploaded("one")
        _ = try await Bench().handle(setting.handler, [event])
        let identifier = try event.section(BuiltMetadata.self).identifier
        let log = String(
            decoding: try await setting.repository.content(of: "image_list.changelog") ?? [],
            as: UTF8.self)
        let list = String(
            decoding: try await setting.repository.content(of: "image_list.txt") ?? [],
            as: UTF8.self)
        let removed = list.replacingOccurrences(of: identifier + "\n", with: "")
        let silent = try await setting.commit(list: removed)
        #expect(silent?.contains("rule changelog-missing") == true)
        let vague = try await setting.commit(list: removed, changelog: log + "# changed\n")
        #expect(vague?.contains("\(identifier) is removed without being named") == true)
        let forged = try await setting.commit(list: removed, changelog: "# \(identifier)\n")
        #expect(forged?.contains("rule changelog-rewritten") == true)
        let malformed = try await setting.commit(
            list: list + "no identifier\n", changelog: log + "# x\n")
        #expect(malformed?.contains("rule malformed-line") == true)
        let told = try await setting.commit(
            list: removed, changelog: log + "# 2026 jane: removed \(identifier)\n")
        #expect(told == nil)
        #expect(try await setting.repository.commit(["README": "anything\n"]).status == 0)
    }

    @Test func anIdentifierAddedByHandIsLookedUpInTheMarketplace() async throws {
        let setting = try await Setting()
        let event = try setting.uploaded("manual")
        let identifier = try event.section(BuiltMetadata.self).identifier
        let text = "# 2026 jane: added \(identifier)\n"
        try setting.market.program("metadata%2F\(identifier)", .status(404))
        let unknown = try await setting.commit(list: identifier + "\n", changelog: text)
        #expect(unknown?.contains("rule no-document") == true)
        let document = try String(
            contentsOfFile: setting.market.root.file(try setting.path(of: event)), encoding: .utf8)
        try setting.market.root.write("<metadata>\(document)</metadata>", to: "listing.xml")
        try setting.market.program(
            "metadata%2F\(identifier)", .with { $0.serve = "listing.xml" })
        #expect(try await setting.commit(list: identifier + "\n", changelog: text) == nil)
        let asked = try setting.market.requests().map(\.path)
        #expect(asked.contains("/" + (try setting.path(of: event))))
    }

    @Test func aRedirectOutOfTheMarketplaceIsNotFollowed() async throws {
        let setting = try await Setting()
        let other = try await HTTPServer()
        let event = try setting.uploaded("one")
        try setting.market.program(try setting.program(of: event), .redirect(other.url("x")))
        let outcomes = try await Bench().handle(setting.handler, [event])
        #expect(outcomes.rules == ["hook-refused"])
        #expect(try other.requests().isEmpty)
    }
}
