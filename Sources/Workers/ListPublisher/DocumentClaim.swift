// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists

/// What a `metadata.uploaded` event asks of the list, and what it says of the signed document.
struct DocumentClaim: Sendable, Hashable {
    let request: ListRequest
    let signed: SignedMetadata
    let uploaded: UploadedMetadata
    /// nil when the image is to be listed.
    let revision: DocumentRevision?

    /// Why an event asks for nothing that a list can do.
    struct Refusal: Error {
        let reason: String
    }

    static func reading(_ event: Event) -> Result<DocumentClaim, Refusal> {
        do {
            let claim = try DocumentClaim(event)
            guard let problem = claim.request.problem else { return .success(claim) }
            return .failure(Refusal(reason: "\(problem)"))
        } catch {
            return .failure(Refusal(reason: "\(error)"))
        }
    }

    private init(_ event: Event) throws {
        signed = try event.section(SignedMetadata.self)
        uploaded = try event.section(UploadedMetadata.self)
        revision = try event.sectionIfPresent(DocumentRevision.self)
        let identifier = try event.section(BuiltMetadata.self).identifier
        guard let revision else {
            request = .listing(try Self.entry(event, identifier, signed, uploaded))
            return
        }
        if let problem = revision.problems().first { throw Refusal(reason: "\(problem)") }
        guard revision.identifier == identifier else {
            throw Refusal(reason: "revision.identifier is not metadata.identifier")
        }
        request = .revision(
            ListRevision(
                change: revision.change, identifier: identifier, publication: event.publication,
                requestTime: revision.requestTime, location: uploaded.location,
                documentSHA256: signed.document.sha256, endorser: signed.endorser.email,
                endorserSubject: signed.endorser.subject, reason: revision.reason))
    }

    private static func entry(
        _ event: Event, _ identifier: String, _ signed: SignedMetadata,
        _ uploaded: UploadedMetadata
    ) throws -> UpdatedList.Entry {
        let request = try event.section(ImageRequest.self)
        let version = request.metadata.version ?? ""
        let waivers = try event.section(Scanned.self).waived
        return UpdatedList.Entry(
            name: request.name, version: version.isEmpty ? nil : version, identifier: identifier,
            publication: event.publication,
            requestTime: try event.section(Fetched.self).requestTime,
            location: uploaded.location, documentSHA256: signed.document.sha256,
            endorser: signed.endorser.email, endorserSubject: signed.endorser.subject,
            waivers: waivers.isEmpty ? nil : waivers)
    }
}

extension DocumentClaim.Refusal: CustomStringConvertible {
    var description: String { reason }
}
