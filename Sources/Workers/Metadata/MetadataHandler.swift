// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Pipeline
import StratusLab

/// Writes the StratusLab document from the request and the facts, or from a published document
/// that is revised. The same event gives the same bytes, whenever and wherever it is handled.
struct MetadataHandler: Handler {
    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        switch event.type {
        case .imageWithdrawn, .imageRenewed:
            try await RevisionHandler().handle(event, context)
        default: try await build(event, context)
        }
    }

    private func build(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        let request = try event.section(ImageRequest.self)
        let fetched = try event.section(Fetched.self)
        let modified = try event.section(Modified.self)
        let scanned = try event.section(Scanned.self)
        let document: MetadataDocument
        do {
            document = try Self.document(
                try MetadataFields(request, fetched, modified, scanned))
        } catch {
            return .reject(Self.rejection(error))
        }
        let blob = try await context.store.put(document.bytes, for: event.publication)
        let section = BuiltMetadata(
            document: blob, identifier: document.identifier, filename: document.fields.filename)
        return .done([try context.emit(.metadataBuilt, from: event, adding: section)])
    }

    private static func document(
        _ fields: MetadataFields
    ) throws(StratusLabError) -> MetadataDocument {
        let document = try MetadataDocument.build(fields)
        guard document.contentFindings.isEmpty else {
            throw .invalidDocument(document.contentFindings)
        }
        return document
    }

    private static func rejection(_ error: StratusLabError) -> Rejection {
        switch error {
        case .missingField(let name):
            Rejection(
                stage: .metadata, rule: "metadata-missing-field",
                message: "\(error); add it to the request", evidence: ["field": name])
        case .invalidField(let name, let reason):
            Rejection(
                stage: .metadata, rule: "metadata-invalid-field",
                message: "\(error); correct it in the request",
                evidence: ["field": name, "reason": reason])
        default:
            Rejection(
                stage: .metadata, rule: "metadata-invalid",
                message: "no metadata document can be written for this request: \(error)")
        }
    }
}
