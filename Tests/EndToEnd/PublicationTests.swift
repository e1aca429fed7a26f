// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// From one event to the sites, through real processes.
@Suite(.serialized, .timeLimit(.minutes(10))) struct PublicationTests {
    private let source: SourceImages
    private let deployment: Deployment

    init() async throws {
        source = try await SourceImages()
        let certificates = try await TestCertificates()
        deployment = try await Deployment(
            endorser: try await certificates.endorser(
                "/DC=org/DC=example/CN=Hélène Endorser", email: "helene@example.org"),
            marketplacePort: try freePort())
    }

    @Test func oneImageGoesAllTheWay() async throws {
        try deployment.startAll()
        let image = try await source.make("alpha", folder: deployment.folder)
        let output = try await deployment.imprimatur([
            "publish", image.request, "--publication", image.publication, "--wait=notified",
        ])
        #expect(output.contains(image.publication))

        let listed = try await deployment.listed()
        #expect(listed.count == 1)
        let documents = try await deployment.documents()
        #expect(documents.count == 1)
        for (_, document) in documents {
            #expect(try await deployment.validate(document, name: "alpha").hasPrefix("Valid: "))
            #expect(document.contains("An image with &lt;markup&gt; &amp; Ünïcode"))
        }
        let log = try await succeed("svn", ["log", "-v", deployment.repository])
        #expect(log.contains("/image_list.txt") && log.contains("/image_list.changelog"))

        let messages = try await deployment.siteMessages()
        #expect(messages.count == 1)
        let message = try #require(messages.first)
        let event = try #require(
            try JSONSerialization.jsonObject(with: message) as? [String: Any])
        #expect(event["type"] as? String == "imprimatur.list.updated.v1")
        let list = try #require((event["data"] as? [String: Any])?["list"] as? [String: Any])
        #expect(list["serial"] as? Int == 1)
        let added = try #require(list["added"] as? [[String: Any]])
        #expect(added.map { $0["identifier"] as? String } == [listed[0]])

        try await eventually { try deployment.mail.mails().count == 1 }
        let statuses = try await deployment.drain()
        #expect(statuses.values.joined().allSatisfy { $0 == 0 })
    }

    @Test func fortyAtOnceAreEachListedOnce() async throws {
        try deployment.startAll(processes: 2)
        var names: [String] = []
        for number in 10..<50 {
            let image = try await source.make("image-\(number)", folder: deployment.folder)
            names.append(image.name)
            try await deployment.imprimatur(["publish", image.request])
        }
        try await deployment.waitUntilListed(40)
        let listed = try await deployment.listed()
        #expect(Set(listed).count == 40 && listed.count == 40)
        let list = try await deployment.list()
        for name in names { #expect(list.contains(name), "\(name) is not listed") }
        #expect(list.contains("serial: 40"))
        #expect(
            try await deployment.imprimatur(["dead-letters", "list", "--json"]).contains("{")
                == false)
    }

    @Test func theSameRequestTwiceChangesNothing() async throws {
        try deployment.startAll()
        let image = try await source.make("twice", folder: deployment.folder)
        let publish = [
            "publish", image.request, "--publication", image.publication, "--time", requestTime,
            "--wait",
        ]
        try await deployment.imprimatur(publish)
        let list = try await deployment.list()
        let documents = try await deployment.documents()
        try await deployment.imprimatur(publish)
        #expect(try await deployment.list() == list)
        #expect(try await deployment.documents() == documents)
        let log = try await succeed("svn", ["log", "-q", deployment.repository])
        #expect(log.components(separatedBy: "\nr").count <= 2, "\(log)")
    }

    @Test func aNewVersionReplacesTheOld() async throws {
        try deployment.startAll()
        let first = try await source.make("beta", version: "1", folder: deployment.folder)
        try await deployment.imprimatur([
            "publish", first.request, "--wait", "--time", earlierTime,
        ])
        let before = try await deployment.listed()
        let second = try await source.make("beta", version: "2", folder: deployment.folder)
        try await deployment.imprimatur(["publish", second.request, "--wait"])
        let after = try await deployment.listed()
        #expect(after.count == 1 && after != before)
        // The store holds what the list needs, and nothing of what it replaced.
        let pins = try deployment.pins().filter { $0.hasPrefix("listed-") }
        let list = try await deployment.list()
        #expect(pins.count == 1 && pins.allSatisfy { list.contains($0.dropFirst(7)) })
    }

    @Test func aWrongDigestIsRejectedWithItsReason() async throws {
        try deployment.startAll()
        let wrong = String(repeating: "0", count: 64) + "  gamma-1.0.img\n"
        let image = try await source.make(
            "gamma", folder: deployment.folder, checksums: wrong)
        let output = try await deployment.imprimatur(
            ["publish", image.request, "--wait"], expecting: 1)
        #expect(output.contains("digest-mismatch") && output.contains("verifier"))
        #expect(try await deployment.listed().isEmpty)
        try await eventually { try deployment.pins().isEmpty }
    }

    @Test func aMisbehavingSourceDoesNoHarm() async throws {
        try deployment.startAll()
        let unavailable = try await source.make("unavailable", folder: deployment.folder)
        try source.server.program(
            "unavailable-1.0.img", .status(503), .status(503), .plain)
        let truncated = try await source.make("truncated", folder: deployment.folder)
        try source.server.program(
            "truncated-1.0.img", .truncate(100_000), .truncate(50_000), .plain)
        let stalled = try await source.make("stalled", folder: deployment.folder)
        try source.server.program("stalled-1.0.img", .with { $0.stall = 70_000 }, .plain)
        let changed = try await source.make("changed", folder: deployment.folder)
        try source.server.root.write(
            SourceImages.bytes(seed: "older content", size: 300_000), to: "older.img")
        try source.server.program(
            "changed-1.0.img",
            .with {
                $0.serve = "older.img"
                $0.truncate = 120_000
            }, .plain)
        for image in [unavailable, truncated, stalled, changed] {
            try await deployment.imprimatur(["publish", image.request])
        }
        try await deployment.waitUntilListed(4)
        // What was listed is what the server has now: the checksum files say so.
        #expect(try await deployment.documents().count == 4)
        #expect(Set(try await deployment.listed()).count == 4)
    }
}
