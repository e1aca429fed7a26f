// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Files
import Pipeline
import Transfer

/// Downloads the image of an `image.new` event, its checksum files, and the files that its
/// modifications upload, into the store.
///
/// What a redelivery finds, in this order: the finished result of an earlier delivery
/// (``FetchRecord``), which is then the result again, whatever the source holds by now; files
/// complete or partly there, which are not downloaded a second time; or nothing. Two deliveries at
/// once are kept apart by a lock, and the second comes back later.
struct FetcherHandler: Handler {
    private let config: FetcherConfig

    /// How soon a delivery comes back that found another at work.
    private static let lockedDelay: Duration = .seconds(10)

    /// How far a request's time may lie ahead of this machine's clock, in seconds.
    private static let futureMax: Int64 = 3600

    init(_ config: FetcherConfig) {
        self.config = config
    }

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        let request = try event.section(ImageRequest.self)
        do {
            try check(request)
            try check(event.time)
            return try await fetch(request, event, context)
        } catch let refusal as Refusal {
            return .reject(refusal.rejection)
        } catch let pause as Pause {
            return pause.outcome
        }
    }

    private func check(_ request: ImageRequest) throws(Refusal) {
        if let problem = request.problems().first {
            throw Refusal(
                "request-invalid", "the request is not valid: \(problem)",
                ["field": problem.field])
        }
        try check(request.source.url, field: "source.url")
        for (index, file) in (request.checksumFiles ?? []).enumerated() {
            try check(file.url, field: "checksumFiles[\(index)].url")
            if let signature = file.signature {
                try check(signature, field: "checksumFiles[\(index)].signature")
            }
        }
        for upload in request.uploads { try check(upload.file.url, field: upload.field) }
    }

    /// The newest request under a name is the one that is listed. One from the future, from a
    /// machine whose clock is wrong, would keep out all that follow until that time has come.
    private func check(_ time: Timestamp) throws(Refusal) {
        let now = Timestamp.now
        guard time.seconds > now.seconds + Self.futureMax else { return }
        throw Refusal(
            "request-time",
            "the request's time, \(time), lies in the future: correct the clock of"
                + " the machine that published it, and publish again",
            ["field": "time", "found": "\(time)", "now": "\(now)"])
    }

    private func check(_ url: String, field: String) throws(Refusal) {
        do throws(TransferError) {
            try config.policy.check(url)
        } catch {
            throw Refusal(error, field: field)
        }
    }

    private func fetch(
        _ request: ImageRequest, _ event: Event, _ context: HandlerContext
    ) async throws -> Outcome {
        let place = FetchPlace(event, url: request.source.url, store: context.store)
        guard let lock = try FileLock<TransferError>(place.lock, isTemporary: true) else {
            return .yield(after: Self.lockedDelay, why: "another fetcher works on this image")
        }
        defer { withExtendedLifetime(lock) {} }
        let record = FetchRecord(place, context.store, publication: event.publication)
        if let fetched = try await record.load() {
            return .done([try context.emit(.imageFetched, from: event, adding: fetched)])
        }
        let fetched = try await download(request, event, place, context)
        try await record.store(fetched)
        return .done([try context.emit(.imageFetched, from: event, adding: fetched)])
    }

    private func download(
        _ request: ImageRequest, _ event: Event, _ place: FetchPlace, _ context: HandlerContext
    ) async throws -> Fetched {
        let session = FetchSession(config: config, event: event, context: context)
        var checksumFiles: [Fetched.FetchedFile] = []
        for (index, file) in (request.checksumFiles ?? []).enumerated() {
            let bytes = try await session.smallFile(
                file.url, into: place.checksumFile(index),
                bytesMax: FetchSession.checksumFileBytesMax, field: "checksumFiles[\(index)].url")
            var fetched = Fetched.FetchedFile(
                url: file.url, blob: try await context.store.put(bytes, for: event.publication))
            if let url = file.signature {
                let bytes = try await session.smallFile(
                    url, into: place.signature(index), bytesMax: FetchSession.signatureBytesMax,
                    field: "checksumFiles[\(index)].signature")
                fetched.signature = try await context.store.put(bytes, for: event.publication)
            }
            checksumFiles.append(fetched)
        }
        let files = try await uploads(request, event, place, session, context.store)
        let image = try await session.image(request.source, into: place.image)
        return Fetched(
            requestTime: event.time, url: Self.shown(image.url, requested: request.source.url),
            blob: BlobReference(sha256: image.file.digests.sha256, size: image.file.size),
            digests: image.file.digests, compression: image.compression,
            uncompressed: image.uncompressed, checksumFiles: checksumFiles,
            files: files.isEmpty ? nil : files)
    }

    /// The files that modifications upload. The request says what they have to be, so they may go
    /// into the store before the result is recorded: a redelivery finds the same bytes or none.
    private func uploads(
        _ request: ImageRequest, _ event: Event, _ place: FetchPlace, _ session: FetchSession,
        _ store: BlobStore
    ) async throws -> [Fetched.FetchedFile] {
        var files: [Fetched.FetchedFile] = []
        for (index, upload) in request.uploads.enumerated() {
            let path = place.upload(index)
            let blob = try await session.upload(upload.file, into: path, field: upload.field)
            try await store.adopt(partial: path, as: blob, for: event.publication)
            files.append(Fetched.FetchedFile(url: upload.file.url, blob: blob))
        }
        return files
    }

    /// Where the bytes came from. A redirect's query may be a token, as in presigned URLs; events
    /// are read by many and kept for weeks, so it is left out.
    private static func shown(_ url: String, requested: String) -> String {
        url == requested ? url : String(url.prefix { $0 != "?" })
    }
}

extension ImageRequest {
    /// The files that modifications upload, each with the path of its URL's field.
    fileprivate var uploads: [(field: String, file: Modification.Upload)] {
        (modifications ?? []).enumerated().compactMap { index, modification in
            guard case .upload(let upload) = modification else { return nil }
            return ("modifications[\(index)].upload.url", upload)
        }
    }
}

/// Bad input, found on the way.
struct Refusal: Error {
    let rejection: Rejection

    init(_ rule: String, _ message: String, _ evidence: [String: String]) {
        rejection = Rejection(stage: .fetcher, rule: rule, message: message, evidence: evidence)
    }
}

/// Not finished: come back later.
struct Pause: Error {
    let outcome: Outcome

    static func deadline(bytes: Int, total: Int?) -> Pause {
        let whole = total.map { " of \($0)" } ?? ""
        return Pause(
            outcome: .yield(
                after: .seconds(1), why: "\(bytes)\(whole) bytes are here, the rest follows"))
    }
}
