// SPDX-License-Identifier: Apache-2.0
public import Events
import Pipeline

extension Fixture {
    /// `image.new`: what `imprimatur publish` sends.
    public static func imageNew(
        name: String = name, request: ImageRequest? = nil, time: Timestamp = requestTime
    ) -> Event {
        let publication = publication(name: name)
        return Event(
            id: DerivedIdentifier.uuid(name: "fixture event\n\(name)"),
            source: "/imprimatur/publish", type: .imageNew, subject: name, time: time,
            publication: publication,
            data: [ImageRequest.key: value(request ?? Self.request(name: name))])
    }

    /// `image.fetched` for `image`, with its MD5SUMS file.
    public static func fetched(
        name: String = name, image: [UInt8] = imageBytes, request: ImageRequest? = nil
    ) -> Event {
        let section = Fetched(
            requestTime: requestTime, url: baseURL + fileName, blob: blob(of: image),
            digests: digests(of: image), compression: .none,
            uncompressed: Fetched.Content(size: image.count, digests: digests(of: image)),
            checksumFiles: [
                Fetched.FetchedFile(
                    url: baseURL + "MD5SUMS", blob: blob(of: checksumFile(image: image)))
            ])
        return next(.imageFetched, after: imageNew(name: name, request: request), section)
    }

    /// `image.verified`: the MD5 of line 2 of MD5SUMS matched.
    public static func verified(
        name: String = name, image: [UInt8] = imageBytes, request: ImageRequest? = nil
    ) -> Event {
        let section = Verified(
            blob: blob(of: image),
            evidence: [
                Verified.Evidence(
                    algorithm: .md5, value: digests(of: image).md5, source: baseURL + "MD5SUMS",
                    line: 2)
            ])
        return next(
            .imageVerified, after: fetched(name: name, image: image, request: request), section)
    }

    /// `image.modified`: passed on untouched, or made into `modified` by ``steps``.
    public static func modified(
        name: String = name, image: [UInt8] = imageBytes, request: ImageRequest? = nil,
        into modified: [UInt8]? = nil
    ) -> Event {
        let request = request ?? Self.request(name: name)
        var section = Modified(
            source: blob(of: image), blob: blob(of: image), digests: digests(of: image),
            format: request.source.format, compression: .none,
            uncompressed: Fetched.Content(size: image.count, digests: digests(of: image)))
        if let modified {
            section.blob = blob(of: modified)
            section.digests = digests(of: modified)
            section.uncompressed = Fetched.Content(
                size: modified.count, digests: section.digests)
            section.steps = steps
            section.tools = [Tool(name: "libguestfs", version: "1.54.1")]
        }
        return next(
            .imageModified, after: verified(name: name, image: image, request: request), section)
    }

    /// `image.scanned`: nothing was found but what `waived` names.
    public static func scanned(
        name: String = name, image: [UInt8] = imageBytes, request: ImageRequest? = nil,
        into modified: [UInt8]? = nil, waived: [Waiver] = []
    ) -> Event {
        let section = Scanned(
            blob: blob(of: modified ?? image), report: blob(of: reportBytes), waived: waived,
            tools: [Tool(name: "dissect", version: "3.19")])
        return next(
            .imageScanned,
            after: Self.modified(name: name, image: image, request: request, into: modified),
            section)
    }

    /// `metadata.built` for the unsigned document `document`.
    public static func metadataBuilt(
        name: String = name, document: [UInt8] = documentBytes, identifier: String = identifier,
        request: ImageRequest? = nil
    ) -> Event {
        let section = BuiltMetadata(
            document: blob(of: document), identifier: identifier,
            filename: "cirros-0.3.4-x86_64-base-0.3.4.xml")
        return next(.metadataBuilt, after: scanned(name: name, request: request), section)
    }

    /// `metadata.signed` for the signed document `document`.
    public static func metadataSigned(
        name: String = name, document: [UInt8] = signedDocumentBytes,
        identifier: String = identifier
    ) -> Event {
        let section = SignedMetadata(
            document: blob(of: document), profile: .stratuslab,
            endorser: SignedMetadata.Endorser(
                email: email, subject: "CN=Ada Endorser,O=Example,C=FR",
                issuer: "CN=Example CA,O=Example,C=FR"),
            created: requestTime, certificateSHA256: digests(of: Array("cert".utf8)).sha256)
        return next(
            .metadataSigned, after: metadataBuilt(name: name, identifier: identifier), section)
    }

    /// `metadata.uploaded`: the marketplace has it.
    public static func metadataUploaded(
        name: String = name, document: [UInt8] = signedDocumentBytes,
        identifier: String = identifier
    ) -> Event {
        let section = UploadedMetadata(
            marketplace: marketplace, location: location(identifier: identifier))
        return next(
            .metadataUploaded,
            after: metadataSigned(name: name, document: document, identifier: identifier), section)
    }

    /// `list.updated`: one image was added at `serial`.
    public static func listUpdated(
        name: String = name, serial: Int = 1, list: String = "image_list"
    ) -> Event {
        let input = metadataUploaded(name: name)
        let content = Array("# \(name)\n\(identifier)\n".utf8)
        let section = UpdatedList(
            name: list, serial: serial, sha256: blob(of: content).sha256, size: content.count,
            url: "http://lists.example.org/image_list.txt", revision: "r\(serial)",
            added: [
                UpdatedList.Entry(
                    name: name, version: "0.3.4", identifier: identifier,
                    publication: input.publication, requestTime: requestTime,
                    location: location(identifier: identifier),
                    documentSHA256: blob(of: signedDocumentBytes).sha256, endorser: email)
            ],
            removed: [])
        return Event(
            id: DerivedIdentifier.event(
                from: input.id, type: .listUpdated, discriminator: "\(serial)"),
            source: Stage.listPublisher.source, type: .listUpdated, subject: list,
            time: requestTime, publication: input.publication,
            data: [UpdatedList.key: value(section)])
    }

    /// The StratusLab identifier of a document that goes through the samples, 27 characters.
    public static let identifier = "LHfKVPoHcv4oMirHU0KuOQc-TvI"
    public static let email = "ada@example.org"

    public static func location(identifier: String = identifier) -> String {
        "\(marketplace)metadata/\(identifier)/\(email)/\(requestTime)"
    }

    /// The event of `type` that follows from `input`, with `section` added.
    public static func next<S: Section>(
        _ type: EventType, after input: Event, _ section: S
    ) -> Event {
        var data = input.data
        data[S.key] = value(section)
        return Event(
            id: DerivedIdentifier.event(from: input.id, type: type),
            source: source(of: type), type: type, subject: input.subject, time: requestTime,
            publication: input.publication, traceparent: input.traceparent,
            extensions: input.extensions, data: data)
    }

    private static func source(of type: EventType) -> String {
        Stage.allCases.first { $0.emits == type }?.source ?? "/imprimatur/publish"
    }

    static func value(_ section: some Section) -> JSONValue {
        do {
            return try EventCoding.value(of: section)
        } catch {
            preconditionFailure("sample section does not encode: \(error)")
        }
    }
}
