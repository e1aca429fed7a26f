// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Logging
public import Pipeline
public import StratusLab

/// Places the signed document in the marketplace.
///
/// The marketplace is asked before anything is sent, so a redelivery finds the document there and
/// sends nothing. Where the endorser has to confirm by mail, the event is put off until the
/// document appears; a note in the store keeps it from being sent, and the mail from being
/// written, again and again.
struct UploaderHandler: Handler {
    let marketplace: MarketplaceClient
    let confirmationTimeMax: Duration

    init(_ config: UploaderConfig) {
        marketplace = config.marketplace
        confirmationTimeMax = config.confirmationTimeMax
    }

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        let signed = try event.section(SignedMetadata.self)
        let entry = MarketplaceEntry(
            identifier: try event.section(BuiltMetadata.self).identifier,
            email: signed.endorser.email, created: signed.created.description)
        let document = try await context.store.read(
            signed.document, bytesMax: MarketplaceClient.documentBytesMax)
        let note = ConfirmationNote(for: signed.document, in: context.store)

        if try await marketplace.presence(of: document, at: entry) == .same {
            context.logger.info("already in the marketplace")
            note.remove()
            return try done(event, entry, context)
        }
        if let since = note.read() {
            note.keep()
            return await waiting(for: entry, since: since, now: .now)
        }
        switch try await marketplace.upload(document) {
        case .created(let location):
            compare(location, with: entry, context.logger)
            return try done(event, entry, context)
        case .awaitingConfirmation:
            try note.write(.now)
            return await waiting(for: entry, since: .now, now: .now)
        case .refused(let refusal):
            return .reject(rejection(refusal, entry, isRevision: Self.isRevision(event)))
        }
    }

    private static func isRevision(_ event: Event) -> Bool {
        event.data[DocumentRevision.key] != nil
    }

    private func done(
        _ event: Event, _ entry: MarketplaceEntry, _ context: HandlerContext
    ) throws -> Outcome {
        let section = UploadedMetadata(
            marketplace: marketplace.base, location: marketplace.location(of: entry))
        return .done([try context.emit(.metadataUploaded, from: event, adding: section)])
    }

    /// Looks again ever less often, up to the limit.
    private func waiting(
        for entry: MarketplaceEntry, since: Timestamp, now: Timestamp
    ) async -> Outcome {
        let waited = Duration.seconds(max(0, now.seconds - since.seconds))
        guard waited < confirmationTimeMax else {
            return .reject(
                Rejection(
                    stage: .uploader, rule: "marketplace-unconfirmed",
                    message: "the endorser \(entry.email) did not confirm the upload by the link "
                        + "in the marketplace's mail in time; publish the image again",
                    evidence: [
                        "marketplace": marketplace.base, "since": since.description,
                        "limit": Quantity.text(confirmationTimeMax),
                    ]))
        }
        return .yield(
            after: ConfirmationNote.pause(after: waited),
            why: "\(entry.email) has to confirm the upload by the link in the marketplace's mail")
    }

    private func rejection(
        _ refusal: MarketplaceRefusal, _ entry: MarketplaceEntry, isRevision: Bool
    ) -> Rejection {
        let again = isRevision ? "look at it and ask again" : "publish it again"
        let advice =
            refusal.isOlderThanLatest
            ? "; the image has a newer entry of the same endorser, \(again)" : ""
        return Rejection(
            stage: .uploader, rule: "marketplace-refused",
            message: "the marketplace refused the document: \(refusal.reason)\(advice)",
            evidence: [
                "marketplace": marketplace.base, "reason": refusal.reason,
                "identifier": entry.identifier, "email": entry.email, "created": entry.created,
            ])
    }

    /// The event names the place as the configuration reaches it. A server that calls another
    /// place its own is worth a line, since sites may go there.
    private func compare(
        _ location: String?, with entry: MarketplaceEntry, _ logger: Logger
    ) {
        let tail = "/\(entry.identifier)/\(entry.email)/\(entry.created)"
        guard let location, !location.hasSuffix("/" + entry.path), !location.hasSuffix(tail) else {
            return
        }
        logger.warning(
            "the marketplace names another location",
            metadata: [
                "location": "\(location.prefix(500))",
                "expected": "\(marketplace.location(of: entry))",
            ])
    }
}

/// The kit's errors as the runtime sees them. What only the operator can mend (a read-only
/// replica, missing credentials, a wrong URL) is retried and then parked, so that nothing is lost
/// meanwhile.
extension MarketplaceError: Disposed {
    public var disposition: Disposition { isTransient ? .transient : .permanent }
}
