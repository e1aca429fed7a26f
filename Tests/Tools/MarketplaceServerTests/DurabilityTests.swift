// SPDX-License-Identifier: Apache-2.0
import Foundation
import StratusLab
import Synchronization
import TestSupport
import Testing

/// What was acknowledged stays.
@Suite(.timeLimit(.minutes(4)))
struct DurabilityTests {
    private func client(_ server: MarketplaceServer) throws -> MarketplaceClient {
        try MarketplaceClient(MarketplaceClient.Configuration(url: server.url))
    }

    @Test func aRestartKeepsEntries() async throws {
        let server = try await MarketplaceServer()
        let sample = try await Samples.document()
        #expect(
            try await client(server).upload(sample.bytes)
                == .created(location: server.url + sample.entry.path))
        server.process.terminate()
        #expect(try await server.process.waitForExit() == 0)
        #expect(server.log.contains("stopped"))
        try await server.start()
        #expect(try await client(server).lookup(sample.entry) == sample.bytes)
    }

    /// Six tasks upload without pause while the server is killed five times.
    @Test func aKilledServerLosesNothingAcknowledged() async throws {
        let server = try await MarketplaceServer(["--upload-rate-max", "1000000"])
        let tally = Tally()
        let client = try client(server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<6 {
                group.addTask {
                    var number = 0
                    while !tally.isOver {
                        number += 1
                        let sample = try await Samples.document("image \(task) \(number)")
                        guard case .created? = try? await client.upload(sample.bytes) else {
                            continue
                        }
                        tally.add(sample)
                    }
                }
            }
            for round in 1...5 {
                try await eventually(timeout: .seconds(60), "uploads of round \(round)") {
                    tally.samples.count >= 25 * round
                }
                try await server.kill()
                try await server.start()
            }
            tally.end()
            try await group.waitForAll()
        }
        let samples = tally.samples
        #expect(samples.count >= 125)
        for sample in samples {
            #expect(try await client.lookup(sample.entry) == sample.bytes)
        }
    }

    @Test func simultaneousUploadsOfOneDocumentMakeOneEntry() async throws {
        let server = try await MarketplaceServer()
        let client = try client(server)
        let sample = try await Samples.document()
        let answers = try await withThrowingTaskGroup(of: MarketplaceUpload.self) { group in
            for _ in 0..<24 { group.addTask { try await client.upload(sample.bytes) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { if case .created = $0 { true } else { false } })
        #expect(server.count("upload created") == 1)
        #expect(server.count("upload posted again") == 23)
        let table = try await Curl.get(server.url + "metadata?media=json").text
        #expect(table.contains("\"iTotalRecords\":1"))
    }

    /// Of an old and a new document that race, the new one always ends up published and the
    /// old one is either before it or refused.
    @Test func racingVersionsKeepTheirOrder() async throws {
        let server = try await MarketplaceServer()
        let client = try client(server)
        for round in 0..<10 {
            let old = try await Samples.document("r\(round)", created: "2026-01-01T00:00:00Z")
            let new = try await Samples.document("r\(round)", created: "2026-01-02T00:00:00Z")
            async let first = client.upload(old.bytes)
            async let second = client.upload(new.bytes)
            let answers = try await (first, second)
            if case .refused(let refusal) = answers.0 { #expect(refusal.isOlderThanLatest) }
            #expect(try await client.lookup(new.entry) == new.bytes)
            #expect(
                try await Curl.get(server.url + "metadata/" + new.entry.identifier).text
                    .contains("2026-01-02T00:00:00Z"))
        }
    }
}

/// What the server acknowledged, over all tasks.
private final class Tally: Sendable {
    private let state = Mutex<(samples: [Sample], isOver: Bool)>(([], false))

    var samples: [Sample] { state.withLock { $0.samples } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func add(_ sample: Sample) { state.withLock { $0.samples.append(sample) } }
    func end() { state.withLock { $0.isOver = true } }
}
