// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline
import Transfer

/// The downloads of one delivery.
struct FetchSession {
    private let config: FetcherConfig
    private let event: Event
    private let context: HandlerContext
    /// When to save progress and give the event back: a little before the runtime's deadline.
    private let deadline: ContinuousClock.Instant

    /// Kept free for putting the image into the store.
    private static let reserveMax: Duration = .seconds(60)
    static let checksumFileBytesMax = 1 << 20
    static let signatureBytesMax = 1 << 16

    init(config: FetcherConfig, event: Event, context: HandlerContext) {
        self.config = config
        self.event = event
        self.context = context
        let left = context.deadline - .now
        deadline = context.deadline - min(Self.reserveMax, left / 10)
    }

    /// The image as downloaded, and what is inside it.
    struct Image {
        var url: String
        var file: Fetched.Content
        var compression: CompressionKind
        var uncompressed: Fetched.Content
    }

    func image(_ source: ImageRequest.Source, into path: String) async throws -> Image {
        let observer = ImageObserver(
            declared: source.compression, uncompressedSizeMax: config.uncompressedSizeMax)
        var download = Download(policy: config.policy, bytesMax: config.sizeMax)
        download.checkpointInterval = config.checkpointInterval
        let finished: Download.Finished
        do {
            finished = try await reporting { progress in
                try await run(
                    download, source.url, into: path, observer, field: "source.url",
                    progress: progress)
            }
        } catch TransferError.stopped {
            try observer.throwFailure()
            throw TransferError.stopped
        }
        let content: ImageObserver.Content
        do {
            content = try await observer.finish()
        } catch {
            Download.discard(path)
            throw error
        }
        return Image(
            url: finished.url, file: content.file, compression: content.compression,
            uncompressed: content.uncompressed)
    }

    /// A checksum file, or a signature of one.
    func smallFile(
        _ url: String, into path: String, bytesMax: Int, field: String
    ) async throws -> [UInt8] {
        let observer = MemoryObserver()
        let download = Download(policy: config.policy, bytesMax: bytesMax)
        _ = try await run(download, url, into: path, observer, field: field) { _, _ in }
        return observer.bytes
    }

    /// A file that a modification uploads, whose bytes the request names.
    func upload(
        _ file: Modification.Upload, into path: String, field: String
    ) async throws -> BlobReference {
        let observer = DigestObserver()
        var download = Download(policy: config.policy, bytesMax: config.uploadSizeMax)
        download.checkpointInterval = config.checkpointInterval
        _ = try await run(download, file.url, into: path, observer, field: field) { _, _ in }
        let found = await observer.finish()
        guard found.sha256 == file.sha256 else {
            Download.discard(path)
            throw Refusal(
                "digest-mismatch",
                "\(field): the file's SHA-256 is \(found.sha256), the request says"
                    + " \(file.sha256)",
                ["field": field, "expected": file.sha256, "found": found.sha256])
        }
        return found
    }

    private func run(
        _ download: Download, _ url: String, into path: String,
        _ observer: any DownloadObserver, field: String,
        progress: @escaping @Sendable (Int, Int?) -> Void
    ) async throws -> Download.Finished {
        let result: Download.Result
        do throws(TransferError) {
            result = try await download.run(
                url, into: path, observer: observer, until: deadline, progress: progress)
        } catch {
            if case .status(let status, let after?) = error, error.isTransient {
                throw Pause(outcome: .retry(after: after, why: "\(field): status \(status)"))
            }
            guard error.isTransient || error == .stopped else {
                throw Refusal(error, field: field)
            }
            throw error
        }
        switch result {
        case .finished(let finished): return finished
        case .paused(let bytes, let total): throw Pause.deadline(bytes: bytes, total: total)
        }
    }

    /// Runs `work` and passes its progress on to watchers, the latest only when they are slow.
    private func reporting<Value: Sendable>(
        _ work: (@escaping @Sendable (Int, Int?) -> Void) async throws -> Value
    ) async throws -> Value {
        let (reports, feed) = AsyncStream.makeStream(
            of: Progress.self, bufferingPolicy: .bufferingNewest(1))
        let (context, event) = (context, event)
        async let sender: Void = {
            for await report in reports { await context.report(report, for: event) }
        }()
        defer { feed.finish() }
        let value = try await work { bytes, total in
            feed.yield(
                Progress(
                    stage: .fetcher, activity: "download", bytes: bytes, bytesTotal: total))
        }
        feed.finish()
        await sender
        return value
    }
}

extension Refusal {
    /// A URL that cannot be fetched, ever.
    init(_ error: TransferError, field: String) {
        var evidence = ["field": field]
        if case .status(let status, _) = error { evidence["status"] = "\(status)" }
        self.init(Self.rule(error), "\(field): \(error)", evidence)
    }

    private static func rule(_ error: TransferError) -> String {
        switch error {
        case .invalidURL: "invalid-url"
        case .credentialsInURL: "credentials-in-url"
        case .forbiddenScheme: "forbidden-scheme"
        case .forbiddenHost: "forbidden-host"
        case .forbiddenAddress: "forbidden-address"
        case .forbiddenFile: "forbidden-file"
        case .tooManyRedirects, .forbiddenRedirect: "forbidden-redirect"
        case .status: "http-status"
        case .ftpRefused: "ftp-refused"
        case .tooLarge: "too-large"
        case .outOfTime: "too-slow"
        default: "download-failed"
        }
    }
}
