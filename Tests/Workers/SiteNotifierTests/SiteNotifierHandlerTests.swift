// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import ImageLists
import Logging
import Pipeline
import PipelineTesting
import Synchronization
import TestSupport
import Testing
import Transfer

@testable import SiteNotifierWorker

@Suite(.timeLimit(.minutes(3))) struct SiteNotifierHandlerTests {
    /// What was published beside the outcomes.
    private struct Published: Sendable, Equatable {
        var event: Event
        var exchange: String
        var routingKey: String
    }

    private final class Bench: Sendable {
        let published = Mutex<[Published]>([])
        /// The routing key that no queue is bound for.
        let unbound = Mutex<String?>(nil)
        private let directory: TemporaryDirectory
        private let store: BlobStore

        init() throws {
            directory = try TemporaryDirectory()
            store = try BlobStore(directory: directory.file("store"))
        }

        func handle(_ handler: SiteNotifierHandler, _ event: Event) async throws -> Outcome {
            let context = HandlerContext(
                stage: .siteNotifier,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                store: store, deadline: .now + .seconds(60), attempt: 1,
                address: { event, exchange, routingKey in
                    if self.unbound.withLock({ $0 }) == routingKey {
                        throw BrokerError.unroutable(exchange: exchange, routingKey: routingKey)
                    }
                    let item = Published(event: event, exchange: exchange, routingKey: routingKey)
                    self.published.withLock { $0.append(item) }
                })
            return try await handler.handle(event, context)
        }
    }

    private func handler(_ sink: SMTPSink) throws -> SiteNotifierHandler {
        let config = try SiteNotifierConfig(
            SettingValues(
                SiteNotifierConfig.settings,
                [
                    "site-notifier.sites": "ral,in2p3",
                    "site-notifier.mail-to": "images@example.org,sites@example.org",
                    "site-notifier.mail-from": "lists@example.org",
                    "site-notifier.smtp-url": "smtp://127.0.0.1:\(sink.port)",
                ]))
        return SiteNotifierHandler(sites: config.sites, mail: config.mail)
    }

    @Test func everySiteGetsTheEventAndTheListsReadersAMail() async throws {
        let (sink, bench) = (try await SMTPSink(), try Bench())
        let event = Fixture.listUpdated(serial: 7)
        let outcome = try await bench.handle(try handler(sink), event)
        guard case .done(let events) = outcome, let notified = events.first else {
            Issue.record("not done")
            return
        }
        #expect(notified.type == .siteNotified)
        #expect(
            try notified.section(NotifiedSites.self)
                == NotifiedSites(
                    sites: ["ral", "in2p3"],
                    mailedTo: ["images@example.org", "sites@example.org"]))
        #expect(
            bench.published.withLock { $0 } == [
                Published(
                    event: event, exchange: "imprimatur.sites", routingKey: "list.updated.ral"),
                Published(
                    event: event, exchange: "imprimatur.sites", routingKey: "list.updated.in2p3"),
            ])
        let mail = try #require(try sink.mails().first)
        #expect(mail.envelope.to == ["images@example.org", "sites@example.org"])
        #expect(mail.envelope.from == "lists@example.org")
        #expect(mail.text.contains("Subject: [image_list] serial 7: 1 added\r\n"))
        let list = try event.section(UpdatedList.self)
        let messageID = "<image_list-7-\(list.sha256.prefix(16))@example.org>"
        #expect(mail.text.contains("Message-ID: \(messageID)\r\n"))
        #expect(mail.text.contains("  \(Fixture.name), version 0.3.4\r\n"))
        #expect(mail.text.contains("identifier: \(Fixture.identifier)"))
    }

    @Test func aSerialIsMailedOnceInAnyOrder() async throws {
        let (sink, bench) = (try await SMTPSink(), try Bench())
        for serial in [3, 1, 3, 2, 1, 2] {
            // Each time as another process.
            let outcome = try await bench.handle(
                try handler(sink), Fixture.listUpdated(serial: serial))
            guard case .done(let events) = outcome else {
                Issue.record("not done")
                continue
            }
            #expect(try events.first?.section(NotifiedSites.self).mailedTo.count == 2)
        }
        let subjects = try sink.mails().map { mail in
            mail.text.split(separator: "\r\n").first { $0.hasPrefix("Subject: ") } ?? ""
        }
        #expect(
            subjects == [3, 1, 2].map { "Subject: [image_list] serial \($0): 1 added" })
        #expect(bench.published.withLock { $0.count } == 12)
    }

    @Test func aRefusedMailIsTriedAgainAndNotMarked() async throws {
        let (sink, bench) = (try await SMTPSink(), try Bench())
        try sink.refuse("END", with: "451 later")
        let event = Fixture.listUpdated(serial: 1)
        let error = await #expect(throws: TransferError.self) {
            try await bench.handle(try handler(sink), event)
        }
        #expect(error?.disposition == .transient)
        try sink.refuse("RCPT", with: "550 nobody")
        let final = await #expect(throws: TransferError.self) {
            try await bench.handle(try handler(sink), event)
        }
        // The image is listed: a mail server's no is no reason to reject it.
        #expect(final?.disposition == .transient)
        try sink.refuse("RCPT", with: nil)
        _ = try await bench.handle(try handler(sink), event)
        #expect(try sink.mails().count == 1)
    }

    @Test func aSiteThatCannotBeReachedKeepsNobodyElseWaiting() async throws {
        let (sink, bench) = (try await SMTPSink(), try Bench())
        bench.unbound.withLock { $0 = "list.updated.ral" }
        for _ in 0..<2 {
            await #expect(throws: BrokerError.self) {
                try await bench.handle(try handler(sink), Fixture.listUpdated(serial: 1))
            }
        }
        #expect(
            bench.published.withLock { $0.map(\.routingKey) } == [
                "list.updated.in2p3", "list.updated.in2p3",
            ])
        #expect(try sink.mails().count == 1)
        bench.unbound.withLock { $0 = nil }
        let outcome = try await bench.handle(try handler(sink), Fixture.listUpdated(serial: 1))
        guard case .done = outcome else {
            Issue.record("not done")
            return
        }
        #expect(try sink.mails().count == 1)
    }

    @Test func anImproperAnnouncementIsRejected() async throws {
        let (sink, bench) = (try await SMTPSink(), try Bench())
        let event = Fixture.listUpdated(serial: 1, list: "a\r\nBcc: x@example.org")
        guard case .reject(let rejection) = try await bench.handle(try handler(sink), event) else {
            Issue.record("not rejected")
            return
        }
        #expect(rejection.rule == "invalid-list")
        #expect(try sink.mails().isEmpty)
        #expect(bench.published.withLock { $0.isEmpty })
    }

    @Test func theMailTellsReplacedFromAddedAndRemoved() throws {
        let list = try Fixture.listUpdated(serial: 9).section(UpdatedList.self)
        var changed = list
        var entry = list.added[0]
        entry.version = "2\nBcc: x\u{202e}"
        entry.identifier = String(repeating: "B", count: 27)
        var gone = list.added[0]
        gone.name = "gone"
        changed.added = [entry]
        changed.removed = [list.added[0], gone]
        #expect(ListMail.subject(changed) == "[image_list] serial 9: 1 replaced, 1 removed")
        let body = ListMail.body(changed)
        #expect(body.contains("Replaced:\n\n  \(Fixture.name), version 2?Bcc: x?\n"))
        #expect(body.contains("instead of: \(Fixture.identifier)"))
        #expect(body.contains("Removed:\n\n  gone"))
        #expect(!body.contains("Added:"))
        #expect(body.contains("SHA-256:  \(list.sha256)\n"))
    }

    @Test func theMailTellsWaivers() throws {
        var list = try Fixture.listUpdated(serial: 9).section(UpdatedList.self)
        let location = list.added[0].location
        list.added[0].waivers = [
            Waiver(check: "swap-partition", reason: "our hosts have none"),
            Waiver(check: "machine-id", reason: "x\u{2028}Bcc: y"),
        ]
        let lines = """
                \(location)
                Waived security check swap-partition: our hosts have none
                Waived security check machine-id: x?Bcc: y

            List: 
            """
        #expect(ListMail.body(list).contains(lines), "\(ListMail.body(list))")
    }

    @Test func theMailTellsWithdrawnAndRenewed() throws {
        let list = try Fixture.listUpdated(serial: 9).section(UpdatedList.self)
        var changed = list
        var renewed = list.added[0]
        renewed.location += "-new"
        var gone = list.added[0]
        gone.name = "gone"
        gone.withdrawnBy = list.added[0].publication
        gone.withdrawalReason = "a hole\r\nBcc: x@example.org"
        var again = list.added[0]
        again.name = "again"
        var anew = again
        anew.requestTime = again.requestTime.adding(days: 1)
        changed.added = [renewed, anew]
        changed.removed = [list.added[0], gone, again]
        #expect(
            ListMail.subject(changed)
                == "[image_list] serial 9: 1 replaced, 1 renewed, 1 withdrawn")
        let body = ListMail.body(changed)
        let withdrawn = """
            Withdrawn (do not use these images any more):

              gone, version 0.3.4
                identifier: \(Fixture.identifier)
                reason: a hole??Bcc: x@example.org
            """
        #expect(body.contains(withdrawn))
        let renewal = """
            Renewed (the same image under a new metadata document):

              \(Fixture.name), version 0.3.4
                identifier: \(Fixture.identifier)
                instead of: \(list.added[0].location)
            """
        #expect(body.contains(renewal))
        #expect(body.contains("Replaced:\n\n  again, version 0.3.4\n"))
        #expect(!body.contains("Added:") && !body.contains("Removed:"))
    }
}
