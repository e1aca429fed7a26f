// SPDX-License-Identifier: Apache-2.0
import Events
import Testing

@Suite("The examples of the schemas", .timeLimit(.minutes(3)))
struct SchemaExampleTests {
    /// Bad examples that ``Event/init(decoding:)`` lets pass, since it checks the sections' types
    /// and leaves values to the worker that uses them.
    private static let leftToWorkers: [EventType: Set<String>] = [
        .imageFetched: fetched, .imageVerified: verified,
        .imageModified: verified.union(attested).union([
            "modified-blob-digest-is-a-path", "modified-blob-size-negative",
            "step-operation-with-space",
        ]),
        .imageScanned: verified.union(attested).union([
            "scanned-blob-size-negative", "waiver-check-empty", "waiver-reason-257-characters",
            "waiver-reason-empty",
        ]),
        .metadataBuilt: revision.union(["filename-with-slash", "identifier-26-characters"]),
        .metadataSigned: revision,
        .metadataUploaded: revision.union(["marketplace-without-final-slash"]),
        .listUpdated: ["serial-negative", "withdrawn-by-not-a-uuid"],
        .siteNotified: ["serial-negative"],
        .imageRejected: ["rule-with-spaces"], .imageProgress: ["bytes-negative"],
    ]
    private static let revision: Set<String> = ["withdrawn-without-reason"]
    private static let fetched: Set<String> = [
        "fetched-blob-size-negative", "fetched-blob-digest-is-a-path", "fetched-sha1-too-short",
    ]

    private static let verified = fetched.union(["evidence-line-zero"])
    /// Attestations are the signer's to judge.
    private static let attested: Set<String> = [
        "attestation-payload-not-base64", "attestation-without-payload-type",
        "attestation-without-signatures", "attestations-is-an-array",
    ]

    @Test("A good example passes the schema", arguments: EventType.allCases)
    func goodPassesSchema(_ type: EventType) throws {
        let examples = try SchemaFolder.examples(type, "good")
        #expect(examples.count >= 2)
        let errors = try errors(of: examples, type)
        for (path, errors) in zip(examples, errors) { #expect(errors == [], "\(path)") }
    }

    @Test("A bad example does not pass the schema", arguments: EventType.allCases)
    func badFailsSchema(_ type: EventType) throws {
        let examples = try SchemaFolder.examples(type, "bad")
        #expect(examples.count >= 10)
        let errors = try errors(of: examples, type)
        for (path, errors) in zip(examples, errors) { #expect(errors != [], "\(path)") }
    }

    @Test("A good example is decoded and encoded again without loss", arguments: EventType.allCases)
    func goodRoundTrip(_ type: EventType) throws {
        for path in try SchemaFolder.examples(type, "good") {
            let bytes = try SchemaFolder.bytes(path)
            let event = try Event(decoding: bytes)
            #expect(event.type == type, "\(path)")
            let again = try SchemaFolder.value(try event.encoded())
            #expect(again == (try SchemaFolder.value(bytes)), "\(path)")
        }
    }

    @Test("What a section decodes to is what the example says", arguments: EventType.allCases)
    func goodSections(_ type: EventType) throws {
        for path in try SchemaFolder.examples(type, "good") {
            let event = try Event(decoding: try SchemaFolder.bytes(path))
            for section in try type.requiredSections(of: event.data) {
                try expectLossless(section, event, path)
            }
        }
    }

    @Test("A bad example is not accepted", arguments: EventType.allCases)
    func badIsRefused(_ type: EventType) throws {
        for path in try SchemaFolder.examples(type, "bad") {
            let bytes = try SchemaFolder.bytes(path)
            let name = path.split(separator: "/").last?.dropLast(".json".count) ?? ""
            let isLeft = Self.leftToWorkers[type]?.contains(String(name)) == true
            #expect(Self.isAccepted(bytes, as: type) == isLeft, "\(path)")
        }
    }

    /// Whether a worker would begin on a request or a revision, or, for other events, whether it
    /// decodes.
    private static func isAccepted(_ bytes: [UInt8], as type: EventType) -> Bool {
        guard let event = try? Event(decoding: bytes), event.type == type else { return false }
        switch type {
        case .imageNew:
            return (try? event.section(ImageRequest.self).problems().isEmpty) == true
        case .imageWithdrawn, .imageRenewed:
            let revision = try? event.section(DocumentRevision.self)
            return revision?.change.event == type && revision?.problems() == []
        default: return true
        }
    }

    /// Every member of the section that the type knows survives decoding and encoding.
    private func expectLossless<S: Section>(
        _ type: S.Type, _ event: Event, _ path: String
    ) throws {
        let original = try #require(event.data[S.key])
        var again = try EventCoding.value(of: try event.section(S.self))
        if case .object(var members) = again {
            members["later"] = original["later"]
            again = .object(members)
        }
        #expect(again == original, "\(S.key) in \(path)")
    }

    private func errors(of examples: [String], _ type: EventType) throws -> [[String]] {
        try SchemaFolder.errors(
            try examples.map {
                SchemaFolder.Question(
                    schema: SchemaFolder.schema(type),
                    instance: try SchemaFolder.value(try SchemaFolder.bytes($0)))
            })
    }
}
