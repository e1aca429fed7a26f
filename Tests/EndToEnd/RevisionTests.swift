// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import TestSupport
import Testing

/// Published images are withdrawn and renewed by event, through real processes.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RevisionTests {
    private let source: SourceImages
    private let deployment: Deployment

    init() async throws {
        source = try await SourceImages()
        let certificates = try await TestCertificates()
        deployment = try await Deployment(
            endorser: try await certificates.endorser(), marketplacePort: try freePort())
    }

    /// Name and identifier of each listed image.
    private func identifiers() async throws -> [String: String] {
        var found: [String: String] = [:]
        var name = ""
        for line in try await deployment.list().split(separator: "\n") {
            if line.hasPrefix("# image: ") { name = String(line.dropFirst(9)) }
            if !line.hasPrefix("#") { found[name] = String(line) }
        }
        return found
    }

    private func publishBoth() async throws -> [String: String] {
        for name in ["delta", "epsilon"] {
            let image = try await source.make(name, folder: deployment.folder)
            try await deployment.imprimatur([
                "publish", image.request, "--wait=notified", "--time", earlierTime,
            ])
        }
        _ = try await deployment.siteMessages()
        return try await identifiers()
    }

    /// What the site is told, each event once.
    private func announced() async throws -> [String: UpdatedList] {
        var lists: [String: UpdatedList] = [:]
        for message in try await deployment.siteMessages() {
            let event = try Event(decoding: Array(message))
            lists[event.id] = try event.section(UpdatedList.self)
        }
        return lists
    }

    /// The document that a revision at `time` has brought into the marketplace.
    private func document(_ location: String, name: String) async throws -> String {
        let text = try await succeed(
            "curl", ["-sSf", "-H", "Accept: application/rdf+xml", location])
        let path = try deployment.folder.write(text, to: "documents/\(name).xml")
        let verdict = try await JavaReference.instance().check([path])
        #expect(verdict.contains("Valid: "), "\(verdict)")
        return text
    }

    @Test func aWithdrawalAndARenewalReachEverybody() async throws {
        try deployment.startAll()
        let images = try await publishBoth()
        let (delta, epsilon) = (try #require(images["delta"]), try #require(images["epsilon"]))
        let before = try await deployment.documents()
        let time = try #require(Timestamp(requestTime))
        let reason = "Ein Loch: <CVE> & 100 %"
        let withdrawal = try await deployment.revise(
            .withdrawn, delta, publication: Self.withdrawalID, at: time, reason: reason)
        _ = try await deployment.revise(.renewed, epsilon, publication: Self.renewalID, at: time)

        try await eventually(timeout: .seconds(120), "the list to follow") {
            try deployment.checkWorkers()
            let list = try await deployment.list()
            return !list.contains(delta) && list.contains(Self.renewalID)
        }
        #expect(try await identifiers() == ["epsilon": epsilon])
        #expect(try await deployment.list().contains("# serial: 4\n"))
        let changelog = try await deployment.changelog()
        #expect(changelog.contains("  withdrawn name=delta "))
        #expect(changelog.contains("by=\(Self.withdrawalID) at=\(time) reason=Ein%20Loch"))
        #expect(changelog.contains("  renewed name=epsilon "))
        try await checkSite(withdrawal, reason)
        try await checkMarketplace(before, delta, epsilon, time)
        try await checkRedelivery(withdrawal)
        // The store keeps what the list needs: the image, and both documents of its entry.
        try await eventually(timeout: .seconds(60), "the publications' own pins to go") {
            let pins = Set(try deployment.pins())
            return pins.isDisjoint(with: [Self.withdrawalID, Self.renewalID])
        }
        let listed = Set(try deployment.pins().filter { $0.hasPrefix("listed-") })
        #expect(listed.count == 2 && listed.contains("listed-\(Self.renewalID)"))
    }

    /// As an endorser does it: the commands read the published document from the marketplace, and
    /// wait until the list follows.
    @Test func theCommandsWithdrawAndRenew() async throws {
        try deployment.startAll()
        let images = try await publishBoth()
        let (delta, epsilon) = (try #require(images["delta"]), try #require(images["epsilon"]))
        let before = try await deployment.documents()
        let location = try #require(before.keys.first { $0.contains("/\(epsilon)/") })
        let marketplace = ["--marketplace-endpoint", deployment.marketplaceURL]

        try await deployment.imprimatur(
            ["withdraw", delta, "--wait", "--reason", "CVE-2026-1: use epsilon"] + marketplace)
        #expect(try await identifiers() == ["epsilon": epsilon])
        try await deployment.imprimatur([
            "renew", "--location", location, "--wait", "--valid-days", "365",
        ])
        #expect(try await identifiers() == ["epsilon": epsilon])
        let after = try await deployment.documents()
        #expect(after.count == 1 && after.keys.allSatisfy { $0 != location })

        // What is withdrawn can be neither withdrawn again nor renewed, but published anew.
        let twice = try await deployment.imprimatur(
            ["withdraw", delta, "--reason", "again"] + marketplace, expecting: 1)
        #expect(twice.contains("withdrawn already: CVE-2026-1: use epsilon"))
        let renewal = try await deployment.imprimatur(
            ["renew", delta] + marketplace, expecting: 1)
        #expect(renewal.contains("withdrawn"))
        try await deployment.imprimatur([
            "publish", deployment.folder.file("requests/delta-1.0.img.yaml"), "--wait",
        ])
        #expect(try await identifiers() == images)
    }

    private static let withdrawalID = "11111111-2222-4333-8444-555555555555"
    private static let renewalID = "66666666-2222-4333-8444-555555555555"

    private func checkSite(_ withdrawal: Event, _ reason: String) async throws {
        var lists: [String: UpdatedList] = [:]
        try await eventually(timeout: .seconds(60), "the site to be told of both") {
            lists.merge(try await announced()) { $1 }
            return lists.values.joined(\.removed).count >= 2
        }
        let removed = lists.values.joined(\.removed).sorted { $0.name < $1.name }
        #expect(removed.map(\.name) == ["delta", "epsilon"])
        #expect(removed.map(\.withdrawnBy) == [withdrawal.publication, nil])
        #expect(removed.map(\.withdrawalReason) == [reason, nil])
        let added = lists.values.joined(\.added)
        #expect(added.map(\.publication) == [Self.renewalID])
        #expect(added.first?.identifier == removed.last?.identifier)
        try await eventually(timeout: .seconds(60), "both mails") {
            let text = try deployment.mail.mails().map(\.text).joined()
            return text.contains(" 1 withdrawn") && text.contains("1 renewed")
        }
    }

    /// The deprecated document stands there, signed, and so does the renewed one.
    private func checkMarketplace(
        _ before: [String: String], _ withdrawn: String, _ renewed: String, _ time: Timestamp
    ) async throws {
        for (identifier, name) in [(withdrawn, "withdrawn"), (renewed, "renewed")] {
            let old = try #require(before.keys.first { $0.contains("/\(identifier)/") })
            let place = old.replacingOccurrences(of: earlierTime, with: time.description)
            #expect(place != old)
            let text = try await document(place, name: name)
            #expect(text.contains("deprecated") == (name == "withdrawn"))
            #expect(text.contains("&lt;CVE&gt;") == (name == "withdrawn"))
            #expect(text != before[old])
        }
    }

    private func checkRedelivery(_ withdrawal: Event) async throws {
        let (list, changelog) = (try await deployment.list(), try await deployment.changelog())
        let commits = try await deployment.commitCount()
        let documents = try await deployment.documents()
        _ = try await deployment.siteMessages()
        try await deployment.publish(withdrawal)
        // It goes all the way once more: the site gets the same announcement again.
        var again: [String: UpdatedList] = [:]
        try await eventually(timeout: .seconds(120), "the announcement again") {
            try deployment.checkWorkers()
            again.merge(try await announced()) { $1 }
            return !again.isEmpty
        }
        #expect(again.values.joined(\.removed).contains { $0.withdrawnBy == Self.withdrawalID })
        #expect(try await deployment.list() == list)
        #expect(try await deployment.changelog() == changelog)
        #expect(try await deployment.commitCount() == commits)
        #expect(try await deployment.documents() == documents)
    }
}

extension Sequence {
    fileprivate func joined<T>(_ part: (Element) -> [T]) -> [T] { flatMap(part) }
}
