// SPDX-License-Identifier: Apache-2.0
import Events
import Testing

@Suite("What Swift encodes, by the schemas", .timeLimit(.minutes(3)))
struct SchemaEncodingTests {
    @Test("Events with every field and with the fewest fields pass their schema")
    func encodedEventsAreValid() throws {
        var questions: [SchemaFolder.Question] = []
        for type in EventType.allCases {
            for sections in type.sectionAlternatives {
                for isFull in [true, false] {
                    let bytes = try Self.event(type, sections, isFull: isFull).encoded()
                    questions.append(
                        SchemaFolder.Question(
                            schema: SchemaFolder.schema(type),
                            instance: try SchemaFolder.value(bytes)))
                }
            }
        }
        for (question, errors) in zip(questions, try SchemaFolder.errors(questions)) {
            #expect(errors == [], "\(question.instance)")
        }
    }

    @Test("An unknown worker, rule or digest would be noticed")
    func validatorIsAwake() throws {
        var event = try Self.event(.imageRejected, [Rejection.self], isFull: true)
        event.data["rejection"] = .object(["stage": .string("nobody")])
        let question = SchemaFolder.Question(
            schema: SchemaFolder.schema(.imageRejected),
            instance: try SchemaFolder.value(try event.encoded()))
        #expect(try SchemaFolder.errors([question])[0].count >= 3)
    }

    private static func event(
        _ type: EventType, _ sections: [any Section.Type], isFull: Bool
    ) throws -> Event {
        var event = Event(
            id: "1", source: "/imprimatur/fetcher", type: type, subject: "a",
            time: Timestamp(seconds: 1_800_000_000),
            publication: "0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111",
            traceparent: isFull ? "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" : nil,
            data: [:])
        for section in sections + [Attestations.self] {
            try add(section, to: &event, isFull: isFull)
        }
        if type == .imageRenewed { event.data = try event.data(adding: renewal(isFull)) }
        return event
    }

    private static func renewal(_ isFull: Bool) -> DocumentRevision {
        DocumentRevision(
            change: .renewed, published: SampleSections.blob,
            publishedText: isFull ? "<a>\n</a>" : nil, identifier: SampleSections.identifier,
            requestTime: SampleSections.time, validDays: isFull ? 3650 : nil)
    }

    private static func add<S: Section>(
        _ type: S.Type, to event: inout Event, isFull: Bool
    ) throws {
        let section = isFull ? SampleSections.full(S.key) : SampleSections.least(S.key)
        event.data = try event.data(adding: try #require(section as? S))
    }
}

/// One value of each section with every optional field, and one with none.
private enum SampleSections {
    static let time = Timestamp(seconds: 1_799_999_999)
    static let digests = Digests(
        md5: hex(32), sha1: hex(40), sha256: hex(64), sha512: hex(128))
    static let blob = BlobReference(sha256: hex(64), size: Int.max)
    static let identifier = String(repeating: "A", count: 27)

    static func hex(_ digits: Int) -> String { String(repeating: "0a", count: digits / 2) }

    static func full(_ key: String) -> (any Section)? {
        switch key {
        case ImageRequest.key: request
        case Fetched.key:
            fetched(
                files: [
                    Fetched.FetchedFile(url: "http://h/MD5SUMS", blob: blob, signature: blob)
                ])
        case Verified.key: verified(evidence: DigestAlgorithm.allCases.map(evidence))
        case Modified.key:
            modified(
                steps: [.init(operation: "sshKey", sha256: hex(64))],
                tools: [Tool(name: "a", version: "")])
        case Scanned.key:
            Scanned(
                blob: blob, report: blob,
                waived: [Waiver(check: "a", reason: String(repeating: "é", count: 256))],
                tools: [Tool(name: "a", version: "1")])
        case Attestations.key:
            Attestations(envelopes: ["verifier": envelope(keyid: "a"), "a": envelope(keyid: nil)])
        case DocumentRevision.key:
            withdrawal(text: "<a>\r\n\u{1F600}</a>", reason: String(repeating: "é", count: 1024))
        case UpdatedList.key: list(url: "https://h/l", revision: "7", entries: [entry])
        case NotifiedSites.key: NotifiedSites(sites: ["a"], mailedTo: ["a@example.org"])
        case Rejection.key:
            Rejection(
                stage: .listPublisher, rule: "hook-refused", message: "No.", evidence: ["a": "b"])
        case Progress.key:
            Progress(
                stage: .fetcher, activity: "download", bytes: 1, bytesTotal: Int.max)
        default: least(key)
        }
    }

    static func least(_ key: String) -> (any Section)? {
        switch key {
        case ImageRequest.key:
            ImageRequest(
                name: "a", source: .init(url: "ftp://h/a", format: .raw),
                metadata: .init(os: "a", osVersion: "1", osArch: "x86_64"))
        case Fetched.key: fetched(files: [])
        case Verified.key: verified(evidence: [])
        case Modified.key: modified(steps: [], tools: [])
        case Scanned.key: Scanned(blob: blob, report: blob)
        case Attestations.key: Attestations()
        case DocumentRevision.key: withdrawal(text: nil, reason: "x")
        case BuiltMetadata.key:
            BuiltMetadata(
                document: blob, identifier: identifier, filename: "a-1-x86_64-base-.xml")
        case SignedMetadata.key:
            SignedMetadata(
                document: blob, profile: .modern,
                endorser: .init(email: "", subject: "CN=a", issuer: "CN=b"), created: time,
                certificateSHA256: hex(64))
        case UploadedMetadata.key:
            UploadedMetadata(
                marketplace: "http://h/", location: "http://h/metadata/a")
        case UpdatedList.key: list(url: nil, revision: nil, entries: [])
        case NotifiedSites.key: NotifiedSites(sites: [], mailedTo: [])
        case Rejection.key: Rejection(stage: .fetcher, rule: "r", message: "m")
        case Progress.key: Progress(stage: .fetcher, activity: "download", bytes: 0)
        default: nil
        }
    }

    static var request: ImageRequest {
        ImageRequest(
            name: "Image_1.0+a-b",
            source: .init(url: "https://[::1]:8443/a?b#c", format: .qcow2, compression: .zstd),
            digests: ["md5": hex(32), "sha1": hex(40), "sha256": hex(64), "sha512": hex(128)],
            checksumFiles: [
                .init(url: "file:///a", signature: "ftp://h/a", entry: "a b", algorithm: .sha512)
            ],
            acceptWeakDigests: [.md5, .sha1], requireSignature: true,
            metadata: .init(
                title: "é\u{1F600}", description: "a\n\tb\r\n", os: "a b", osVersion: "1",
                osArch: "x", version: "", type: .disk, kind: "", tag: "", creator: "",
                publisher: "", serialNumber: "", hypervisor: "", disksBus: "",
                locations: ["pdisk:h:8445:1"], validDays: 3650))
    }

    static func fetched(files: [Fetched.FetchedFile]) -> Fetched {
        Fetched(
            requestTime: time, url: "http://h/a", blob: blob, digests: digests, compression: .gz,
            uncompressed: .init(size: 0, digests: digests), checksumFiles: files,
            files: files.isEmpty ? nil : [Fetched.FetchedFile(url: "http://h/a", blob: blob)])
    }

    static func verified(evidence: [Verified.Evidence]) -> Verified {
        Verified(blob: blob, evidence: evidence)
    }

    static func modified(steps: [Modified.Step], tools: [Tool]) -> Modified {
        Modified(
            source: blob, blob: blob, digests: digests, format: .raw, compression: .xz,
            uncompressed: .init(size: 0, digests: digests), steps: steps, tools: tools)
    }

    static func envelope(keyid: String?) -> DSSEEnvelope {
        DSSEEnvelope(
            payloadType: "application/vnd.in-toto+json", payload: "e30=",
            signatures: [.init(keyid: keyid, sig: "YWI=")])
    }

    static func evidence(_ algorithm: DigestAlgorithm) -> Verified.Evidence {
        Verified.Evidence(
            algorithm: algorithm, value: digests[algorithm], source: "request",
            line: algorithm == .md5 ? 1 : nil,
            signature: algorithm == .sha1 ? signature : nil,
            uncheckedSignature: algorithm == .sha256 ? .minisign : nil)
    }

    static var signature: Verified.Signature {
        Verified.Signature(
            format: .openpgp, key: hex(40).uppercased(), signer: "é <a@example.org>", made: time)
    }

    static func withdrawal(text: String?, reason: String) -> DocumentRevision {
        DocumentRevision(
            change: .withdrawn, published: blob, publishedText: text, identifier: identifier,
            requestTime: time, reason: reason)
    }

    static func list(url: String?, revision: String?, entries: [UpdatedList.Entry]) -> UpdatedList {
        UpdatedList(
            name: "image_list", serial: 1, sha256: hex(64), size: 0, url: url, revision: revision,
            added: entries, removed: entries.map(withdrawn))
    }

    static func withdrawn(_ entry: UpdatedList.Entry) -> UpdatedList.Entry {
        var entry = entry
        entry.endorserSubject = "CN=a"
        entry.withdrawnBy = "9b1f7a52-3c8e-4a44-8d1c-0c7c2b7c1d20"
        entry.withdrawalReason = "old"
        return entry
    }

    static var entry: UpdatedList.Entry {
        UpdatedList.Entry(
            name: "a", version: "1", identifier: identifier,
            publication: "0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111", requestTime: time,
            location: "http://h/metadata/a", documentSHA256: hex(64), endorser: "a@example.org")
    }
}
