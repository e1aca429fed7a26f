// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// What befalls a running deployment beside crashes: slow sources, and somebody who tidies up.
@Suite(.serialized, .timeLimit(.minutes(5))) struct CircumstanceTests {
    private let source: SourceImages
    private let deployment: Deployment

    init() async throws {
        source = try await SourceImages()
        let certificates = try await TestCertificates()
        deployment = try await Deployment(
            endorser: try await certificates.endorser(), marketplacePort: try freePort())
    }

    /// A download longer than a handler may take goes round through the delay queue and on from
    /// where it was, without counting as a failure.
    @Test func aLongDownloadYieldsAndGoesOn() async throws {
        for stage in Deployment.stages {
            let deadline = ["IMPRIMATUR_HANDLER_DEADLINE": "2s", "IMPRIMATUR_ATTEMPTS": "1"]
            try deployment.start(stage, environment: stage == "fetcher" ? deadline : [:])
        }
        let image = try await source.make("slow", folder: deployment.folder)
        try source.server.program("slow-1.0.img", .with { $0.rate = 200_000 })
        try await deployment.imprimatur(["publish", image.request, "--wait"])
        let requests = try source.server.requests("slow-1.0.img")
        #expect(requests.count > 1)
        #expect(requests.dropFirst().allSatisfy { $0.headers["range"] != nil })
        // Each went on well behind the beginning.
        #expect(requests.dropFirst().allSatisfy { $0.sent < image.size })
        #expect(try await deployment.listed().count == 1)
    }

    /// `store gc`, as impatient as it can be, takes nothing that the list needs.
    @Test func aCollectionKeepsWhatTheListNeeds() async throws {
        try deployment.startAll()
        let image = try await source.make("kept", folder: deployment.folder)
        try await deployment.imprimatur(["publish", image.request, "--wait=notified"])
        let file = source.server.root.file("kept-1.0.img")
        let sha256 = try await succeed("sha256sum", [file]).prefix { $0 != " " }
        for _ in 0..<2 {
            try await deployment.imprimatur([
                "store", "gc", "--older-than", "0s", "--settling", "0s",
            ])
        }
        try await deployment.imprimatur(["store", "verify"])
        let blobs = try FileManager.default.subpathsOfDirectory(
            atPath: deployment.folder.file("store"))
        #expect(blobs.contains { $0.hasSuffix("/\(sha256)") && !$0.contains("trash") })
        // And the same request again finds all it needs.
        try await deployment.imprimatur(["publish", image.request, "--wait"])
        #expect(try await deployment.listed().count == 1)
    }
}
