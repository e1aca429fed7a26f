// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Foundation
import TestSupport
import Testing

extension BrokerTests {
    @Suite("imprimatur topology")
    struct TopologyTests {
        @Test("declare makes all; check is content, and is not when a queue is missing")
        func declareAndCheck() async throws {
            let bench = try await Workbench(hasTopology: false)
            let before = try await bench.imprimatur("topology", "check")
            #expect(before.status == 1)
            #expect(before.output.contains("queue imprimatur.fetcher: is missing"))
            for _ in 0..<2 {
                let declared = try await bench.imprimatur("topology", "declare", "--site", "ijclab")
                #expect(declared.status == 0, "\(declared.output)")
            }
            let check = try await bench.imprimatur("topology", "check", "--site", "ijclab")
            #expect(check.status == 0, "\(check.output)")

            // Bindings work: what is published reaches the queues.
            try await bench.publish(
                .init(body: [1]), exchange: Topology.events, routingKey: "image.new")
            #expect(try await bench.take(from: Stage.fetcher.queue).body == [1])
            let key = Topology.siteRoutingKey("ijclab")
            try await bench.publish(.init(body: [2]), exchange: Topology.sites, routingKey: key)
            #expect(try await bench.take(from: Topology.siteQueue("ijclab")).body == [2])

            try await bench.administration.deleteQueue("imprimatur.signer")
            let after = try await bench.imprimatur("topology", "check", "--json")
            #expect(after.status == 1)
            let finding = try Workbench.object(after.output)
            #expect(finding["name"]?.string == "imprimatur.signer")
            #expect(finding["reason"]?.string == "is missing")
        }

        @Test("What has other properties is told and left alone")
        func different() async throws {
            let bench = try await Workbench(hasTopology: false)
            try await bench.administration.declareQueue("imprimatur.fetcher")
            let result = try await bench.imprimatur("topology", "declare")
            #expect(result.status == 1)
            #expect(result.output.contains("queue imprimatur.fetcher: has other properties"))
            #expect(try await bench.count(of: "imprimatur.verifier") == 0)
        }

        @Test("Retry delays make queues of their own")
        func delays() async throws {
            let bench = try await Workbench(hasTopology: false)
            let result = try await bench.imprimatur(
                "topology", "declare", "--retry-delays", "250ms,2s")
            #expect(result.status == 0, "\(result.output)")
            #expect(try await bench.count(of: "imprimatur.delay.250ms") == 0)
            let wrong = try await bench.imprimatur("topology", "check", "--retry-delays", "soon")
            #expect(wrong.status == 64 || wrong.status == 78)
            #expect(wrong.output.contains("retry.delays"))
        }

        @Test("The committed definitions are those that export prints")
        func exported() async throws {
            let result = try await run(
                Workbench.program(), ["topology", "export"],
                environment: ["IMPRIMATUR_AMQP_URL": "amqp://127.0.0.1:1/imprimatur"])
            #expect(result.status == 0)
            let path = "\(repositoryRoot)/ops/rabbitmq/definitions.json"
            let committed = try String(contentsOfFile: path, encoding: .utf8)
            #expect(result.output == committed, "run: imprimatur topology export > \(path)")
        }
    }
}
