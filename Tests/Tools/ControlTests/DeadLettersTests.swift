// SPDX-License-Identifier: Apache-2.0
import AMQP
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import TestSupport
import Testing

extension BrokerTests {
    @Suite("imprimatur dead-letters")
    struct DeadLettersTests {
        @Test("list tells each letter and leaves it where it is")
        func list() async throws {
            let bench = try await Workbench()
            let first = Fixture.fetched(name: "first")
            let second = Fixture.metadataSigned(name: "second")
            try await bench.park(first, by: .verifier, why: "no route to host")
            try await bench.park(second, by: .uploader)
            for _ in 0..<2 {
                let result = try await bench.imprimatur("dead-letters", "list")
                #expect(result.status == 0, "\(result.output)")
                #expect(result.output.lines.count == 3)
                #expect(
                    result.output.lines[0].contains("\(first.id): given up by verifier after 8"))
                #expect(result.output.contains("no route to host"))
            }
            let json = try await bench.imprimatur(
                "dead-letters", "list", "--json", "--worker", "uploader")
            let letters = try json.output.lines.map { try Workbench.object($0) }
            #expect(letters.count == 1)
            #expect(letters[0]["id"]?.string == second.id)
            #expect(letters[0]["publication"]?.string == second.publication)
            #expect(letters[0]["kind"]?.string == "attempts-exhausted")
            #expect(letters[0]["attempts"]?.integer == 8)
            #expect(letters[0]["queue"]?.string == "imprimatur.uploader")
            let one = try await bench.imprimatur("dead-letters", "list", "--json", "--limit", "1")
            #expect(one.output.lines.count == 1)
            try await eventually("both letters in their place") {
                try await bench.count(of: Topology.dead) == 2
            }
        }

        @Test("show tells all, by message or publication")
        func show() async throws {
            let bench = try await Workbench()
            let event = Fixture.fetched()
            try await bench.park(event, by: .verifier, why: "disk full")
            for id in [event.id, event.publication] {
                let result = try await bench.imprimatur("dead-letters", "show", id)
                #expect(result.status == 0, "\(result.output)")
                #expect(result.output.contains("reason:        disk full"))
                #expect(result.output.contains("first failure: 2026-03-02T09:30:00Z"))
                #expect(result.output.contains("came from:     imprimatur.verifier"))
                #expect(
                    result.output.contains(String(decoding: try event.encoded(), as: UTF8.self)))
            }
            let json = try await bench.imprimatur("dead-letters", "show", event.id, "--json")
            #expect(try Workbench.object(json.output)["event"]?["id"]?.string == event.id)
            let none = try await bench.imprimatur("dead-letters", "show", "nobody")
            #expect(none.status == 1)
            #expect(none.output.contains("no dead letter has the id 'nobody'"))
        }

        @Test("retry sends the message to its worker's queue, with a fresh start")
        func retry() async throws {
            let bench = try await Workbench()
            let event = Fixture.fetched()
            let other = Fixture.fetched(name: "other")
            try await bench.park(other, by: .verifier)
            try await bench.park(event, by: .verifier)
            let result = try await bench.imprimatur("dead-letters", "retry", event.id)
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output == "\(event.id): sent to imprimatur.verifier\n")
            let message = try await bench.take(from: Stage.verifier.queue)
            #expect(message.body == (try event.encoded()))
            #expect(message.properties.messageID == event.id)
            #expect(message.properties.headers.keys.filter { $0.hasPrefix("x-imprimatur") } == [])
            try await eventually { try await bench.count(of: Topology.dead) == 1 }
            #expect(try await bench.take(from: Topology.dead).properties.messageID == other.id)
        }

        @Test("retry --all sends those of one worker")
        func retryAll() async throws {
            let bench = try await Workbench()
            for number in 1...5 {
                try await bench.park(Fixture.fetched(name: "image\(number)"), by: .verifier)
            }
            try await bench.park(Fixture.metadataSigned(), by: .uploader)
            let result = try await bench.imprimatur(
                "dead-letters", "retry", "--all", "--worker", "verifier")
            #expect(result.status == 0, "\(result.output)")
            try await eventually { try await bench.count(of: Stage.verifier.queue) == 5 }
            try await eventually { try await bench.count(of: Topology.dead) == 1 }
        }

        @Test("What does not say where it came from stays; a queue that is gone loses nothing")
        func retryFails() async throws {
            let bench = try await Workbench()
            var stray = Message(body: Array("not an event".utf8))
            stray.properties.messageID = "stray"
            try await bench.publish(stray, exchange: Topology.dead, routingKey: "unknown")
            let result = try await bench.imprimatur("dead-letters", "retry", "stray")
            #expect(result.status == 1)
            #expect(result.output.contains("does not say where it came from"))

            let event = Fixture.fetched()
            try await bench.park(event, by: .verifier)
            try await bench.administration.deleteQueue(Stage.verifier.queue)
            let lost = try await bench.imprimatur("dead-letters", "retry", event.id)
            #expect(lost.status == 2, "\(lost.output)")
            try await eventually { try await bench.count(of: Topology.dead) == 2 }
        }

        @Test("discard needs --yes, takes the letter away and releases what was kept for it")
        func discard() async throws {
            let bench = try await Workbench()
            let event = Fixture.fetched()
            let path = bench.folder.file("store")
            let store = try BlobStore(directory: path)
            _ = try await store.put([1, 2, 3], for: event.publication)
            try await bench.park(event, by: .verifier)
            let asked = try await bench.imprimatur("dead-letters", "discard", event.id)
            #expect(asked.status == 64)
            #expect(asked.output.contains("--yes"))
            try await eventually { try await bench.count(of: Topology.dead) == 1 }
            #expect(try store.publications() == [event.publication])

            let result = try await bench.imprimatur(
                "dead-letters", "discard", event.id, "--yes", "--store-path", path)
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output == "\(event.id): discarded\n")
            #expect(try store.publications() == [])
            #expect(try await bench.administration.get(from: Topology.dead) == nil)
        }
    }
}
