// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Foundation
import Pipeline
import PipelineTesting
import TestSupport
import Testing

extension BrokerTests {
    @Suite("imprimatur publish --wait, imprimatur watch")
    struct WaitTests {
        private static let example = "\(repositoryRoot)/schemas/request/cirros-0.3.4.yaml"

        /// Starts a waiting publish and returns the event it published.
        private func begin(
            _ bench: Workbench, _ arguments: [String]
        ) async throws -> (BackgroundProcess, Event) {
            let process = try BackgroundProcess(
                Workbench.program(), ["publish", Self.example] + arguments,
                environment: bench.environment, output: bench.folder.file("output"))
            let message = try await bench.take(from: Stage.fetcher.queue)
            return (process, try Event(decoding: message.body))
        }

        /// A list event that adds the publication.
        private func listing(_ event: Event) throws -> Event {
            var list = Fixture.listUpdated(serial: 7)
            var section = try list.section(UpdatedList.self)
            section.added.append(section.added[0])
            section.added[1].publication = event.publication
            list.data = try list.data(adding: section)
            return list
        }

        private func rejection(of event: Event) throws -> Event {
            var rejected = event
            rejected.id = UUID().uuidString
            rejected.type = .imageRejected
            rejected.source = Stage.verifier.source
            rejected.data = try event.data(
                adding: Rejection(
                    stage: .verifier, rule: "digest-mismatch", message: "md5 differs\u{1B}[2J"))
            return rejected
        }

        private func progress(of event: Event, _ bytes: Int) throws -> Event {
            let section = Progress(
                stage: .fetcher, activity: "download", bytes: bytes, bytesTotal: 10 << 20)
            return Event(
                id: UUID().uuidString, source: Stage.fetcher.source, type: .imageProgress,
                subject: event.subject, time: .now, publication: event.publication,
                data: [Progress.key: try EventCoding.value(of: section)])
        }

        @Test(
            "Ends with 0 when a list that holds the publication is published, showing the way there"
        )
        func listed() async throws {
            let bench = try await Workbench()
            let (process, event) = try await begin(bench, ["--wait"])
            try await bench.publish(try progress(of: event, 1 << 20))
            try await bench.publish(try progress(of: event, 5 << 20))
            var fetched = Fixture.fetched()
            fetched.publication = event.publication
            try await bench.publish(fetched)
            // Of another batch: no end.
            try await bench.publish(Fixture.listUpdated(serial: 6))
            try await bench.publish(try listing(event))
            #expect(try await process.waitForExit() == 0)
            let output = process.output
            #expect(output.lines.first == event.publication)
            #expect(output.contains("image.new"))
            #expect(output.contains("download 50 % (5.0 MiB of 10.0 MiB)"))
            #expect(output.contains("image.fetched"))
            #expect(output.contains("sha256 \(Fixture.digests(of: Fixture.imageBytes).sha256)"))
            #expect(output.contains("serial 7, 2 added"))
            #expect(!output.contains("serial 6"))
        }

        @Test("--wait=notified goes on to the sites")
        func notified() async throws {
            let bench = try await Workbench()
            let (process, event) = try await begin(bench, ["--wait=notified"])
            let list = try listing(event)
            try await bench.publish(list)
            try await process.waitForLine(containing: "list.updated")
            #expect(process.isRunning)
            let section = NotifiedSites(sites: ["ijclab"], mailedTo: ["a@example.org"])
            try await bench.publish(Fixture.next(.siteNotified, after: list, section))
            #expect(try await process.waitForExit() == 0)
            #expect(process.output.contains("told ijclab, a@example.org"))
        }

        @Test("Ends with 1, stage, rule and message when rejected; controls nobody's terminal")
        func rejected() async throws {
            let bench = try await Workbench()
            let (process, event) = try await begin(bench, ["--wait"])
            try await bench.publish(try rejection(of: event))
            #expect(try await process.waitForExit() == 1)
            let reason = "rejected by verifier, rule digest-mismatch: md5 differs"
            #expect(process.output.contains(reason), "\(process.output)")
            #expect(!process.output.contains("\u{1B}"))
        }

        @Test("Ends with 75 and the reason when parked")
        func parked() async throws {
            let bench = try await Workbench()
            let (process, event) = try await begin(bench, ["--wait"])
            try await bench.park(event, by: .uploader)
            #expect(try await process.waitForExit() == 75)
            let reason =
                "given up by uploader after 8 attempts (attempts-exhausted): connection refused"
            #expect(process.output.contains(reason), "\(process.output)")
            #expect(process.output.contains("imprimatur dead-letters retry \(event.id)"))
        }

        @Test("Ends with 75 after the time-out, and leaves no queue behind")
        func timeout() async throws {
            let bench = try await Workbench()
            let result = try await bench.imprimatur(
                "publish", Self.example, "--wait", "--timeout", "300ms")
            #expect(result.status == 75)
            #expect(result.output.contains("not listed within 300ms"), "\(result.output)")
            let broker = try await PrivateBroker.shared
            let queues = try await broker.control("list_queues", "-q", "-p", bench.vhost, "name")
            #expect(!queues.contains("imprimatur.watch"))
        }

        @Test("--json prints the events themselves")
        func json() async throws {
            let bench = try await Workbench()
            let (process, event) = try await begin(bench, ["--wait", "--json"])
            let list = try listing(event)
            try await bench.publish(list)
            #expect(try await process.waitForExit() == 0)
            let events = try process.output.lines.dropFirst().map { try Event(decoding: $0.utf8) }
            #expect(Set(events) == [event, list])
        }

        @Test("A lost connection to the broker is not the end of waiting")
        func reconnects() async throws {
            let bench = try await Workbench()
            let (process, event) = try await begin(bench, ["--wait"])
            try await process.waitForLine(containing: "image.new")
            let broker = try await PrivateBroker.shared
            try await broker.control(
                "close_all_connections", "--vhost", bench.vhost, "--limit", "100", "test")
            try await bench.publish(try listing(event))
            #expect(try await process.waitForExit(timeout: .seconds(60)) == 0, "\(process.output)")
        }

        @Test("watch shows what happens, of all or of one publication")
        func watch() async throws {
            let bench = try await Workbench()
            let mine = Fixture.fetched(name: "mine")
            let other = Fixture.fetched(name: "other")
            let all = try bench.start("watch", "--json")
            let one = try bench.start("watch", mine.publication)
            try await eventually("both watchers' queues") {
                let broker = try await PrivateBroker.shared
                let queues = try await broker.control(
                    "list_queues", "-q", "-p", bench.vhost, "name", "consumers")
                return queues.lines.filter { $0.hasPrefix("imprimatur.watch") && $0.hasSuffix("1") }
                    .count == 2
            }
            try await bench.publish(mine)
            try await bench.publish(other)
            try await bench.park(other, by: .verifier)
            try await bench.park(mine, by: .verifier)
            try await all.waitForLine(containing: "\"worker\":\"verifier\"")
            try await one.waitForLine(containing: "given up by verifier")
            try await eventually { all.output.lines.count >= 4 }
            #expect(all.output.contains(mine.publication))
            #expect(all.output.contains(other.publication))
            #expect(one.output.contains("image.fetched     mine"))
            #expect(!one.output.contains("other"))
        }
    }
}
