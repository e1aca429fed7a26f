// SPDX-License-Identifier: Apache-2.0
public import Events
import Pipeline

extension Fixture {
    /// When the sample revisions are asked for.
    public static let revisionTime = requestTime.adding(days: 30)

    /// A withdrawal, or a renewal, of `published`.
    public static func revision(
        _ change: DocumentRevision.Change = .withdrawn, of published: [UInt8] = signedDocumentBytes,
        identifier: String = identifier, time: Timestamp = revisionTime
    ) -> DocumentRevision {
        DocumentRevision(
            change: change, published: blob(of: published), identifier: identifier,
            requestTime: time, reason: change == .withdrawn ? "has a hole" : nil,
            validDays: change == .renewed ? 365 : nil)
    }

    /// `image.withdrawn` or `image.renewed`: what `imprimatur withdraw` and `renew` send. Of
    /// another publication than the image's.
    public static func imageRevised(
        _ revision: DocumentRevision = revision(), name: String = name
    ) -> Event {
        let publication = publication(name: "\(revision.change.rawValue) \(name)")
        return Event(
            id: DerivedIdentifier.uuid(name: "fixture event\n\(revision.change.rawValue)\n\(name)"),
            source: revision.change == .withdrawn
                ? "/imprimatur/withdraw" : "/imprimatur/renew",
            type: revision.change.event, subject: name, time: revision.requestTime,
            publication: publication, data: [DocumentRevision.key: value(revision)])
    }

    /// `metadata.built` with the unsigned document `document` of a revision.
    public static func revisionBuilt(
        _ revision: DocumentRevision = revision(), document: [UInt8] = documentBytes,
        name: String = name
    ) -> Event {
        let section = BuiltMetadata(
            document: blob(of: document), identifier: revision.identifier,
            filename: "cirros-0.3.4-x86_64-base-0.3.4.xml")
        return next(.metadataBuilt, after: imageRevised(revision, name: name), section)
    }

    /// `metadata.signed` with the signed document `document` of a revision.
    public static func revisionSigned(
        _ revision: DocumentRevision = revision(), document: [UInt8] = signedDocumentBytes,
        name: String = name
    ) -> Event {
        let section = SignedMetadata(
            document: blob(of: document), profile: .stratuslab,
            endorser: SignedMetadata.Endorser(
                email: email, subject: "CN=Ada Endorser,O=Example,C=FR",
                issuer: "CN=Example CA,O=Example,C=FR"),
            created: revision.requestTime,
            certificateSHA256: digests(of: Array("cert".utf8)).sha256)
        return next(.metadataSigned, after: revisionBuilt(revision, name: name), section)
    }

    /// `metadata.uploaded`: the marketplace has the revised document.
    public static func revisionUploaded(
        _ revision: DocumentRevision = revision(), document: [UInt8] = signedDocumentBytes,
        name: String = name
    ) -> Event {
        let section = UploadedMetadata(
            marketplace: marketplace,
            location: "\(marketplace)metadata/\(revision.identifier)/\(email)/"
                + "\(revision.requestTime)")
        return next(
            .metadataUploaded,
            after: revisionSigned(revision, document: document, name: name), section)
    }
}
