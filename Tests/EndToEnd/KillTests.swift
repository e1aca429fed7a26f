// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import TestSupport
import Testing

/// `kill -9` at random moments changes nothing in the result.
@Suite(.serialized, .timeLimit(.minutes(15))) struct KillTests {
    private static let imageCount = 20
    /// The publication that withdraws one of them.
    private static let withdrawal = "11111111-2222-4333-8444-555555555555"

    @Test func killedWorkersLeaveTheSameResult() async throws {
        let source = try await SourceImages()
        let certificates = try await TestCertificates()
        let endorser = try await certificates.endorser(
            "/DC=org/DC=example/CN=Endorser", email: "endorser@example.org")
        let port = try freePort()

        let undisturbed = try await result(source, endorser, port) { _ in }
        var random = SeededGenerator()
        let disturbed = try await result(source, endorser, port) { deployment in
            for stage in Deployment.stages.shuffled(using: &random) {
                // The moment is the test's random input, not a wait for a condition.
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...900, using: &random)))
                try deployment.killAndRestart(stage)
            }
        }
        #expect(disturbed.list == undisturbed.list, "seed \(random.seed)")
        #expect(disturbed.documents == undisturbed.documents, "seed \(random.seed)")
        // One of them is deprecated.
        #expect(undisturbed.documents.count == Self.imageCount)
        #expect(undisturbed.announced.contains(Self.withdrawal))
        #expect(disturbed.announced == undisturbed.announced, "seed \(random.seed)")
    }

    private struct Result {
        var list: String
        var documents: [String: String]
        /// Every publication that the site was told of, each once: repeated events have equal ids.
        var announced: [String]
    }

    private func result(
        _ source: SourceImages, _ endorser: TestCertificates.Issued, _ port: Int,
        disturb: (Deployment) async throws -> Void
    ) async throws -> Result {
        let deployment = try await Deployment(endorser: endorser, marketplacePort: port)
        try deployment.startAll()
        for number in 10..<10 + Self.imageCount {
            let image = try await source.make(
                "image-\(number)", size: 500_000, folder: deployment.folder)
            // Slow enough that workers are killed in the middle of their work.
            try source.server.program("image-\(number)-1.0.img", .with { $0.rate = 3_000_000 })
            try await deployment.imprimatur([
                "publish", image.request, "--publication", image.publication, "--time",
                requestTime,
            ])
        }
        try await disturb(deployment)
        try await deployment.waitUntilListed(Self.imageCount)
        let deprecated = try await withdrawOne(deployment, disturb)
        let announced = try await announcements(deployment)
        let documents = try await deployment.documents().merging(deprecated) { $1 }
        return Result(
            list: try await deployment.list(), documents: documents, announced: announced)
    }

    /// Withdraws the first image while workers are killed.
    ///
    /// - Returns: the deprecated document, by its place.
    private func withdrawOne(
        _ deployment: Deployment, _ disturb: (Deployment) async throws -> Void
    ) async throws -> [String: String] {
        let identifier = try #require(try await deployment.listed().first)
        let listed = try await deployment.documents().keys.first { $0.contains(identifier) }
        // Later than the publication, and the same in each run.
        let time = Timestamp(seconds: try #require(Timestamp(requestTime)).seconds + 1)
        _ = try await deployment.revise(
            .withdrawn, identifier, publication: Self.withdrawal, at: time, reason: "has a hole")
        try await disturb(deployment)
        try await eventually(timeout: .seconds(180), "the image to be withdrawn") {
            try deployment.checkWorkers()
            return try await deployment.listed().contains(identifier) == false
        }
        let place = try #require(listed).replacingOccurrences(
            of: requestTime, with: time.description)
        let document = try await succeed(
            "curl", ["-sSf", "-H", "Accept: application/rdf+xml", place])
        #expect(document.contains("has a hole"))
        return [place: document]
    }

    private func announcements(_ deployment: Deployment) async throws -> [String] {
        var byEvent: [String: [String]] = [:]
        try await eventually(timeout: .seconds(60), "all publications announced") {
            for message in try await deployment.siteMessages() {
                let event = try Event(decoding: Array(message))
                let list = try event.section(UpdatedList.self)
                byEvent[event.id] =
                    list.added.map(\.publication) + list.removed.compactMap(\.withdrawnBy)
            }
            return byEvent.values.joined().count > Self.imageCount
        }
        return byEvent.values.joined().sorted()
    }
}

/// Random numbers that can be had again from the printed seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        let given = ProcessInfo.processInfo.environment["IMPRIMATUR_TEST_SEED"]
        seed = given.flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
