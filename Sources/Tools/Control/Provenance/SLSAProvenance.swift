// SPDX-License-Identifier: Apache-2.0
import Attestation
import Events

/// A SLSA provenance statement, version 1 (https://slsa.dev/provenance/v1), about the image of a
/// lineage.
struct SLSAProvenance {
    static let predicateType = "https://slsa.dev/provenance/v1"
    /// How externalParameters, internalParameters and dependencies are to be read: see the page
    /// Provenance of the command's documentation.
    static let buildType = "https://imprimatur.dev/publication/v1"
    static let builderDefault = "https://imprimatur.dev/builder/v1"

    private let lineage: LineageDocument
    private let builder: String
    private let request: ImageRequest
    private let fetched: Fetched
    private let modified: Modified
    private let scanned: Scanned
    private let built: BuiltMetadata

    /// - Throws: `EventError` when the lineage lacks a section of an image's way.
    init(_ lineage: LineageDocument, builder: String) throws {
        self.lineage = lineage
        self.builder = builder
        let event = Event(
            id: lineage.publication, source: "", type: .metadataBuilt, subject: lineage.subject,
            time: Timestamp(seconds: 0), publication: lineage.publication, data: lineage.data)
        request = try event.section(ImageRequest.self)
        fetched = try event.section(Fetched.self)
        modified = try event.section(Modified.self)
        scanned = try event.section(Scanned.self)
        built = try event.section(BuiltMetadata.self)
    }

    func statement() throws -> JSONValue {
        .object([
            "_type": .string(StageStatement.statementType),
            "subject": .array([subject]),
            "predicateType": .string(Self.predicateType),
            "predicate": .object([
                "buildDefinition": try buildDefinition(), "runDetails": runDetails,
            ]),
        ])
    }

    /// The image's file as it is published; sites may hold it without its compression.
    private var subject: JSONValue {
        let image = modified.uncompressed
        return .object([
            "name": .string(request.name),
            "digest": .object([
                "sha256": .string(modified.digests.sha256),
                "sha512": .string(modified.digests.sha512),
            ]),
            "annotations": .object([
                "identifier": .string(built.identifier),
                "format": .string(modified.format.rawValue),
                "compression": .string(modified.compression.rawValue),
                "size": .integer(Int64(modified.blob.size)),
                "uncompressedSize": .integer(Int64(image.size)),
                "uncompressedSha256": .string(image.digests.sha256),
            ]),
        ])
    }

    // MARK: - What was made of what

    private func buildDefinition() throws -> JSONValue {
        .object([
            "buildType": .string(Self.buildType),
            "externalParameters": .object([
                "request": lineage.data[ImageRequest.key] ?? .null
            ]),
            "internalParameters": .object([
                "evidence": lineage.data[Verified.key]?["evidence"] ?? .array([]),
                "steps": try EventCoding.value(of: modified.steps),
                "waived": try EventCoding.value(of: scanned.waived),
                "tools": try EventCoding.value(of: modified.tools + scanned.tools),
            ]),
            "resolvedDependencies": .array([source] + checksumFiles + uploads),
        ])
    }

    private var source: JSONValue {
        let digests = DigestAlgorithm.allCases.map { algorithm in
            (algorithm.rawValue, JSONValue.string(fetched.digests[algorithm]))
        }
        return .object([
            "name": .string("source"), "uri": .string(request.source.url),
            "digest": .object(Dictionary(digests) { first, _ in first }),
            "downloadLocation": .string(fetched.url),
        ])
    }

    private var checksumFiles: [JSONValue] {
        zip(request.checksumFiles ?? [], fetched.checksumFiles).flatMap { asked, file in
            var found = [dependency("checksum file", file.url, file.blob)]
            if let url = asked.signature, let blob = file.signature {
                found.append(dependency("signature", url, blob))
            }
            return found
        }
    }

    /// What the modifications put into the image, as the request pins it.
    private var uploads: [JSONValue] {
        (request.modifications ?? []).compactMap { modification in
            guard case .upload(let upload) = modification else { return nil }
            return .object([
                "name": .string("uploaded file"), "uri": .string(upload.url),
                "digest": .object(["sha256": .string(upload.sha256)]),
            ])
        }
    }

    private func dependency(_ name: String, _ uri: String, _ blob: BlobReference) -> JSONValue {
        .object([
            "name": .string(name), "uri": .string(uri),
            "digest": .object(["sha256": .string(blob.sha256)]),
        ])
    }

    // MARK: - By whom, and what else came of it

    private var runDetails: JSONValue {
        .object([
            "builder": .object(["id": .string(builder), "version": .object(versions)]),
            "metadata": .object([
                "invocationId": .string(lineage.publication),
                "startedOn": .string("\(fetched.requestTime)"),
            ]),
            "byproducts": .array([
                byproduct("metadata document", "application/rdf+xml", built.document),
                byproduct("scan report", "application/json", scanned.report),
            ]),
        ])
    }

    /// The workers' versions, as their attestations name them.
    private var versions: [String: JSONValue] {
        guard let envelopes = lineage.data[Attestations.key] else { return [:] }
        var versions: [String: JSONValue] = [:]
        for stage in AttestedWay.image.stages {
            guard
                let worker = StageStatement(inEnvelope: envelopes[stage.rawValue])?
                    .predicate.worker
            else { continue }
            versions[worker.name] = .string(worker.version)
        }
        return versions
    }

    private func byproduct(
        _ name: String, _ mediaType: String, _ blob: BlobReference
    ) -> JSONValue {
        .object([
            "name": .string(name), "mediaType": .string(mediaType),
            "digest": .object(["sha256": .string(blob.sha256)]),
        ])
    }
}
