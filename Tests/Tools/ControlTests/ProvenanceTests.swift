// SPDX-License-Identifier: Apache-2.0
import Attestation
import BlobStore
import Events
import Foundation
import PipelineTesting
import TestSupport
import Testing

@Suite("imprimatur provenance", .timeLimit(.minutes(2)))
struct ProvenanceTests {
    private let folder: TemporaryDirectory
    private let store: BlobStore
    private let keys: AttestationKeyFiles

    init() async throws {
        folder = try TemporaryDirectory()
        store = try BlobStore(directory: folder.file("store"))
        keys = try await AttestationKeyFiles.shared
    }

    private func imprimatur(_ arguments: String...) async throws -> (status: Int32, output: String)
    {
        try await run(
            Workbench.program(), ["provenance"] + arguments,
            environment: ["IMPRIMATUR_STORE_PATH": store.directory])
    }

    /// Keeps an event's lineage as the signer does.
    @discardableResult
    private func keep(_ event: Event, attested: Bool = true) async throws -> Event {
        let event =
            attested ? try Fixture.attested(event, keys: keys.privateDirectory) : event
        let lineage = try LineageDocument(of: event).bytes()
        let blob = try await store.put(lineage, for: event.publication)
        try await store.record(blob, as: LineageDocument.recordName, for: event.publication)
        if let identifier = event.data[BuiltMetadata.key]?["identifier"]?.string,
            event.data[DocumentRevision.key] == nil
        {
            try await store.record(
                blob, as: event.publication,
                for: LineageDocument.recordOwner(identifier: identifier))
        }
        return event
    }

    private static let request: ImageRequest = {
        var request = Fixture.request()
        request.checksumFiles?[0].signature = Fixture.baseURL + "MD5SUMS.gpg"
        request.modifications = [
            .upload(
                .init(
                    path: "/etc/motd", url: "https://example.org/motd",
                    sha256: Fixture.blob(of: [1]).sha256))
        ]
        return request
    }()

    /// By hand from https://slsa.dev/spec/v1.0/provenance and
    /// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md: what has to be there,
    /// of which type, and the names of digests.
    private static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$defs": {
            "uri": {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*://[^ ]+$"},
            "digest": {
              "type": "object", "minProperties": 1, "additionalProperties": false,
              "properties": {
                "md5": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
                "sha1": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "sha512": {"type": "string", "pattern": "^[0-9a-f]{128}$"}
              }
            },
            "resource": {
              "type": "object", "required": ["digest"], "additionalProperties": false,
              "properties": {
                "name": {"type": "string"}, "uri": {"$ref": "#/$defs/uri"},
                "digest": {"$ref": "#/$defs/digest"}, "content": {"type": "string"},
                "downloadLocation": {"$ref": "#/$defs/uri"}, "mediaType": {"type": "string"},
                "annotations": {"type": "object"}
              }
            }
          },
          "type": "object", "additionalProperties": false,
          "required": ["_type", "subject", "predicateType", "predicate"],
          "properties": {
            "_type": {"const": "https://in-toto.io/Statement/v1"},
            "subject": {
              "type": "array", "minItems": 1,
              "items": {"$ref": "#/$defs/resource", "required": ["name", "digest"]}
            },
            "predicateType": {"const": "https://slsa.dev/provenance/v1"},
            "predicate": {
              "type": "object", "additionalProperties": false,
              "required": ["buildDefinition", "runDetails"],
              "properties": {
                "buildDefinition": {
                  "type": "object", "additionalProperties": false,
                  "required": ["buildType", "externalParameters"],
                  "properties": {
                    "buildType": {"$ref": "#/$defs/uri"},
                    "externalParameters": {"type": "object"},
                    "internalParameters": {"type": "object"},
                    "resolvedDependencies": {
                      "type": "array",
                      "items": {"$ref": "#/$defs/resource", "required": ["uri", "digest"]}
                    }
                  }
                },
                "runDetails": {
                  "type": "object", "additionalProperties": false, "required": ["builder"],
                  "properties": {
                    "builder": {
                      "type": "object", "required": ["id"], "additionalProperties": false,
                      "properties": {
                        "id": {"$ref": "#/$defs/uri"},
                        "version": {
                          "type": "object", "additionalProperties": {"type": "string"}
                        },
                        "builderDependencies": {
                          "type": "array", "items": {"$ref": "#/$defs/resource"}
                        }
                      }
                    },
                    "metadata": {
                      "type": "object", "additionalProperties": false,
                      "properties": {
                        "invocationId": {"type": "string"},
                        "startedOn": {"type": "string", "format": "date-time"},
                        "finishedOn": {"type": "string", "format": "date-time"}
                      }
                    },
                    "byproducts": {"type": "array", "items": {"$ref": "#/$defs/resource"}}
                  }
                }
              }
            }
          }
        }
        """

    @Test("Prints a statement that has SLSA's and in-toto's shape, by publication and identifier")
    func statement() async throws {
        let event = try await keep(Fixture.metadataBuilt(request: Self.request))
        let byPublication = try await imprimatur(
            event.publication, "--keys", keys.publicDirectory)
        #expect(byPublication.status == 0, "\(byPublication.output)")
        #expect(try await imprimatur(Fixture.identifier).output == byPublication.output)
        #expect(
            try await imprimatur(event.publication.uppercased()).output == byPublication.output)
        let schema = try folder.write(Self.schema, to: "slsa.schema.json")
        let instance = try JSONSerialization.jsonObject(with: Data(byPublication.output.utf8))
        let input = try JSONSerialization.data(
            withJSONObject: [["schema": schema, "instance": instance]])
        let answer = try PythonTools.run("validate_schema.py", ["validate"], input: input)
        let faults = try JSONDecoder().decode([[String]].self, from: answer)
        #expect(faults == [[]])
    }

    @Test("Says what the image is, what it came of, and who made it") func content() async throws {
        let changed = Array(Fixture.imageBytes.dropLast()) + [7]
        let scanned = Fixture.scanned(request: Self.request, into: changed)
        let event = try await keep(
            Fixture.next(
                .metadataBuilt, after: scanned,
                try Fixture.metadataBuilt().section(BuiltMetadata.self)))
        let result = try await imprimatur(
            event.publication, "--builder", "https://endorser.example.org/imprimatur")
        #expect(result.status == 0, "\(result.output)")
        let statement = try Workbench.object(result.output)
        guard case .array(let subjects)? = statement["subject"],
            case .array(let dependencies)? =
                statement["predicate"]?["buildDefinition"]?["resolvedDependencies"]
        else {
            Issue.record("no subject: \(result.output)")
            return
        }
        let digests = Fixture.digests(of: changed)
        #expect(subjects.map { $0["name"]?.string } == [Fixture.name])
        #expect(subjects[0]["digest"]?["sha256"]?.string == digests.sha256)
        #expect(subjects[0]["digest"]?["sha512"]?.string == digests.sha512)
        #expect(
            dependencies.map { $0["uri"]?.string }
                == [
                    Fixture.baseURL + Fixture.fileName, Fixture.baseURL + "MD5SUMS",
                    "https://example.org/motd",
                ])
        #expect(
            dependencies[0]["digest"]?["sha256"]?.string
                == Fixture.blob(of: Fixture.imageBytes).sha256)
        let details = statement["predicate"]?["runDetails"]
        #expect(
            details?["builder"]?["id"]?.string == "https://endorser.example.org/imprimatur")
        #expect(details?["builder"]?["version"]?["imprimatur-scanner"]?.string == "1")
        #expect(details?["metadata"]?["invocationId"]?.string == event.publication)
        let parameters = statement["predicate"]?["buildDefinition"]?["externalParameters"]
        #expect(parameters?["request"] == event.data["request"])
    }

    @Test("Of an image published twice, the last time counts") func newest() async throws {
        let first = try await keep(Fixture.metadataBuilt())
        var second = Fixture.metadataBuilt(name: "second")
        var fetched = try second.section(Fetched.self)
        fetched.requestTime = fetched.requestTime.adding(days: 1)
        second.data = try second.data(adding: fetched)
        try await keep(second)
        let found = try await imprimatur(Fixture.identifier)
        #expect(found.output.contains(second.publication))
        #expect(!found.output.contains(first.publication))
    }

    @Test("--keys refuses what is not attested, and says what is wrong") func keys() async throws {
        let event = try Fixture.attested(
            Fixture.metadataBuilt(), keys: keys.privateDirectory)
        var changed = event
        changed.data["verified"] = .object(["blob": event.data["fetched"]?["blob"] ?? .null])
        try await keep(changed, attested: false)
        let refused = try await imprimatur(
            event.publication, "--keys", keys.publicDirectory, "--attestations")
        #expect(refused.status == 1)
        #expect(refused.output.contains("mismatch") && refused.output.contains("verifier"))
        #expect(!refused.output.contains("payload"))
        let others = try await AttestationKeyFiles()
        try await keep(event, attested: false)
        let forged = try await imprimatur(event.publication, "--keys", others.publicDirectory)
        #expect(forged.status == 1 && forged.output.contains("forged"))
        #expect(try await imprimatur(event.publication, "--keys", folder.path).status == 64)
        try await keep(Fixture.metadataBuilt(), attested: false)
        let bare = try await imprimatur(event.publication, "--keys", keys.publicDirectory)
        #expect(bare.status == 1 && bare.output.contains("missing"))
        #expect(try await imprimatur(event.publication).status == 0)
    }

    @Test("--attestations prints one envelope a line, in the stages' order")
    func attestations() async throws {
        let event = try await keep(Fixture.metadataBuilt())
        let result = try await imprimatur(event.publication, "--attestations")
        #expect(result.status == 0)
        let stages = try result.output.lines.map { line in
            StageStatement(inEnvelope: try Workbench.object(line))?.predicate.stage
        }
        #expect(stages == AttestedWay.image.stages.map(\.rawValue))
    }

    @Test("A revision has attestations; its image's provenance is the image's")
    func revision() async throws {
        let event = try await keep(Fixture.revisionBuilt())
        let result = try await imprimatur(event.publication)
        #expect(result.status == 1 && result.output.contains("was withdrawn"))
        let lines = try await imprimatur(
            event.publication, "--attestations", "--keys", keys.publicDirectory)
        #expect(lines.status == 0 && lines.output.lines.count == 1)
    }

    @Test("What is not there, or no name of anything, is told apart") func absent() async throws {
        let unknown = try await imprimatur("0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111")
        #expect(unknown.status == 1 && unknown.output.contains("no lineage"))
        #expect(try await imprimatur(Fixture.identifier).status == 1)
        for id in ["", "x", "../../etc/passwd", String(repeating: "x", count: 300)] {
            #expect(try await imprimatur(id).status == 64)
        }
        #expect(try await imprimatur().status == 64)
    }

    /// The records are files that anybody with access to the store can swap.
    @Test("A lineage of another publication is not taken") func swapped() async throws {
        let one = try await keep(Fixture.metadataBuilt())
        let other = try await keep(Fixture.metadataBuilt(name: "other"))
        let blob = try #require(
            try store.recorded(LineageDocument.recordName, for: other.publication))
        try await store.record(blob, as: LineageDocument.recordName, for: one.publication)
        let result = try await imprimatur(one.publication)
        #expect(result.status == 1 && result.output.contains("damaged"))
    }
}
