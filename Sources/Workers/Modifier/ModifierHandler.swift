// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Pipeline

/// Applies the modifications that a request asks for, or passes the image on untouched.
struct ModifierHandler: Handler {
    init(_ config: ModifierConfig) {}

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        let request = try event.section(ImageRequest.self)
        let fetched = try event.section(Fetched.self)
        guard (request.modifications ?? []).isEmpty else {
            return .reject(
                Rejection(
                    stage: .modifier, rule: "modification-unsupported",
                    message: "this modifier cannot modify images"))
        }
        let section = Modified(untouched: fetched, format: request.source.format)
        return .done([try context.emit(.imageModified, from: event, adding: section)])
    }
}
