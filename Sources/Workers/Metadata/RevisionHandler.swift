// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Pipeline
import StratusLab

/// Writes the document that takes the place of a published one which is withdrawn or renewed.
struct RevisionHandler: Sendable {
    /// Deliveries after which a document that the store does not show is taken for absent.
    private static let missingAttemptMax = 2

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        var revision = try event.section(DocumentRevision.self)
        do {
            try check(revision, event)
            let document = try await revised(revision, event, context)
            revision.publishedText = nil
            let section = BuiltMetadata(
                document: try await context.store.put(document.bytes, for: event.publication),
                identifier: document.identifier, filename: document.fields.filename)
            var input = event
            input.data = try event.data(adding: revision)
            return .done([try context.emit(.metadataBuilt, from: input, adding: section)])
        } catch let refusal as Refusal {
            return .reject(refusal.rejection)
        }
    }

    private func check(_ revision: DocumentRevision, _ event: Event) throws {
        var problems = revision.problems()
        if revision.change.event != event.type {
            let reason = "must be that of the event, \(event.type.routingKey)"
            problems.append(FieldProblem(field: "change", reason: reason))
        }
        if let problem = problems.first {
            throw Refusal(
                "invalid", "the revision is malformed: \(problem)",
                ["field": problem.field, "reason": problem.reason])
        }
    }

    /// The revised document. The published one is pinned for this publication, since its list
    /// entry may be replaced, and with it its pin go, at any time.
    private func revised(
        _ revision: DocumentRevision, _ event: Event, _ context: HandlerContext
    ) async throws -> MetadataDocument {
        let store = context.store
        guard let text = revision.publishedText else {
            let bytes = try await read(revision.published, event.publication, context)
            return try Self.revised(bytes, revision)
        }
        let bytes = Array(text.utf8)
        // Checked first: only what somebody has signed comes into the store from outside.
        let document = try Self.revised(bytes, revision)
        guard try await store.put(bytes, for: event.publication) == revision.published else {
            throw Refusal(
                "document-mismatch", "the document in the event is not the one that it names",
                ["expected": revision.published.sha256])
        }
        return document
    }

    private func read(
        _ blob: BlobReference, _ publication: String, _ context: HandlerContext
    ) async throws -> [UInt8] {
        do {
            try context.store.pin(blob, for: publication)
            return try await context.store.read(blob, bytesMax: MetadataDocument.bytesMax)
        } catch {
            if case .missing = error, context.attempt >= Self.missingAttemptMax {
                throw Refusal(
                    "document-missing",
                    "the published document is not in the store; send it with the event",
                    ["sha256": blob.sha256])
            }
            guard !error.isTransient, !error.isFatal else { throw error }
            throw Refusal("document-damaged", "the published document: \(error)")
        }
    }

    private static func revised(
        _ bytes: [UInt8], _ revision: DocumentRevision
    ) throws -> MetadataDocument {
        do {
            return try MetadataDocument(parsing: bytes).revised(revision)
        } catch let error as RevisionRefusal {
            throw Refusal(error.rule, "\(error)", ["identifier": revision.identifier])
        } catch {
            throw Refusal("published-invalid", "\(error)")
        }
    }
}

/// Why a revision ends here.
private struct Refusal: Error {
    let rejection: Rejection

    /// - Parameter rule: without the prefix `revision-`.
    init(_ rule: String, _ message: String, _ evidence: [String: String] = [:]) {
        rejection = Rejection(
            stage: .metadata, rule: "revision-" + rule, message: message, evidence: evidence)
    }
}
