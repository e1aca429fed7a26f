// SPDX-License-Identifier: Apache-2.0
import Events
import Testing

@Suite("Revisions of published documents")
struct DocumentRevisionTests {
    private static let withdrawal = DocumentRevision(
        change: .withdrawn,
        published: BlobReference(sha256: String(repeating: "0a", count: 32), size: 5),
        publishedText: "<a/>\n", identifier: String(repeating: "A", count: 27),
        requestTime: Timestamp(seconds: 1_800_000_000), reason: "old")

    private static var renewal: DocumentRevision {
        var renewal = withdrawal
        renewal.change = .renewed
        renewal.reason = nil
        return renewal
    }

    @Test("Good ones have no problem")
    func good() {
        var renewal = Self.renewal
        #expect(Self.withdrawal.problems() == [])
        #expect(renewal.problems() == [])
        for days in [1, 178, 3650] {
            renewal.validDays = days
            #expect(renewal.problems() == [])
        }
        #expect(DocumentRevision.Change.allCases.map(\.event) == [.imageWithdrawn, .imageRenewed])
    }

    @Test(
        "Each wrong field is named",
        arguments: [
            "published", "publishedText", "identifier", "reason", "validDays",
        ])
    func problems(field: String) {
        for revision in Self.wrong(field) {
            #expect(revision.problems().map(\.field) == [field], "\(revision)")
        }
    }

    private static func wrong(_ field: String) -> [DocumentRevision] {
        func changed(
            _ revision: DocumentRevision = withdrawal, _ change: (inout DocumentRevision) -> Void
        ) -> DocumentRevision {
            var revision = revision
            change(&revision)
            return revision
        }
        switch field {
        case "published":
            return [
                changed { $0.published.sha256 = "../../../etc/passwd" },
                changed { $0.published.size = -1 },
            ]
        case "publishedText":
            let length = DocumentRevision.textBytesMax + 1
            return [changed { $0.publishedText = String(repeating: "x", count: length) }]
        case "identifier":
            return ["", "A", String(repeating: "A", count: 26) + "/"].map { text in
                changed { $0.identifier = text }
            }
        case "reason":
            let texts = [nil, "", "a\nb", "\u{0}", String(repeating: "é", count: 1025)]
            return texts.map { text in changed { $0.reason = text } }
                + [changed(renewal) { $0.reason = "old" }]
        default:
            return [changed { $0.validDays = 178 }]
                + [-1, 0, 3651, Int.max].map { days in changed(renewal) { $0.validDays = days } }
        }
    }

    @Test("The largest text fits into an event, however it is escaped")
    func largestText() throws {
        var revision = Self.withdrawal
        revision.publishedText = String(repeating: "\"", count: DocumentRevision.textBytesMax)
        revision.reason = String(repeating: "\u{1F600}", count: 1024)
        #expect(revision.problems() == [])
        let event = Event(
            id: "1", source: "/imprimatur/withdraw", type: .imageWithdrawn, subject: "a",
            time: revision.requestTime, publication: "0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111",
            data: ["revision": try EventCoding.value(of: revision)])
        let again = try Event(decoding: try event.encoded())
        #expect(try again.section(DocumentRevision.self) == revision)
    }

    @Test("A document comes from an image or from a revision, never from both")
    func alternatives() throws {
        let type = EventType.metadataSigned
        func keys(_ data: [String: JSONValue]) throws -> [String] {
            try type.requiredSections(of: data).map { $0.key }
        }
        let image = ["request", "fetched", "verified", "modified", "scanned"]
        #expect(try keys([:]) == image + ["metadata", "signed"])
        #expect(try keys(["metadata": .null]) == image + ["metadata", "signed"])
        #expect(try keys(["scanned": .null]) == image + ["metadata", "signed"])
        #expect(try keys(["revision": .null]) == ["revision", "metadata", "signed"])
        for section in image {
            #expect(throws: EventError.self) { try keys(["revision": .null, section: .null]) }
        }
        #expect(EventType.imageNew.sectionAlternatives.count == 1)
        // What is not asked for passes through, as everywhere.
        let fetched = try EventType.imageFetched.requiredSections(of: ["revision": .null])
        #expect(fetched.map { $0.key } == ["request", "fetched"])
    }

    @Test("A section that need not be there is read when it is")
    func sectionIfPresent() throws {
        var event = Event(
            id: "1", source: "/x", type: .imageWithdrawn, subject: "a",
            time: Timestamp(seconds: 0), publication: "0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111",
            data: [:])
        #expect(try event.sectionIfPresent(DocumentRevision.self) == nil)
        event.data["revision"] = .null
        #expect(throws: EventError.self) { try event.sectionIfPresent(DocumentRevision.self) }
        event.data = try event.data(adding: Self.withdrawal)
        #expect(try event.sectionIfPresent(DocumentRevision.self) == Self.withdrawal)
    }
}
