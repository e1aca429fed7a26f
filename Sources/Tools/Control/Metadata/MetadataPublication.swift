// SPDX-License-Identifier: Apache-2.0
import Events
import StratusLab

/// Uploading a signed document, as `upload` and `deprecate` do it.
struct MetadataPublication {
    let marketplace: MarketplaceClient
    let verbosity: VerbosityOptions

    /// Prints the URL of the entry.
    func upload(_ document: MetadataDocument, as entry: MarketplaceEntry) async throws {
        verbosity.note("Uploading to \(marketplace.base)metadata")
        let upload: MarketplaceUpload
        do {
            upload = try await marketplace.upload(document.bytes)
        } catch {
            throw CommandFailure(.unavailable, "Failed to upload: \(error)")
        }
        switch upload {
        case .created: break
        case .awaitingConfirmation where verbosity.isQuiet: break
        case .awaitingConfirmation:
            Terminal.note(
                Terminal.plain("\(entry.email) has to confirm the upload by the link in a mail"))
        case .refused(let refusal):
            throw CommandFailure(.failed, "Failed to upload: \(Terminal.plain(refusal.reason))")
        }
        Terminal.line(marketplace.location(of: entry))
    }

    /// What a signed document is published as; nil for an unsigned one.
    static func entry(of document: MetadataDocument) -> MarketplaceEntry? {
        guard document.isSigned, let endorsement = document.fields.endorsement else { return nil }
        return MarketplaceEntry(
            identifier: document.identifier, email: endorsement.endorser.email,
            created: endorsement.created.description)
    }
}
