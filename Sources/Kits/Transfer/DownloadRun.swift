// SPDX-License-Identifier: Apache-2.0
import CCurl
import Glibc

/// One run of a download: attempts, redirects, pauses. Blocking; confined to one thread.
final class DownloadRun {
    private let settings: Download
    private let url: TransferURL
    private let path: String
    private let spool: DownloadSpool
    private let deadline: ContinuousClock.Instant?
    private let interrupt: Interrupt

    /// How often one run begins anew because the source changed.
    private static let changesMax = 3
    /// The longest a server's `Retry-After` is waited for here rather than by the caller.
    private static let retryAfterMax: Duration = .seconds(5)
    private static let pauseMax: Duration = .seconds(4)
    private static let napMicroseconds: UInt32 = 20_000
    /// Failures that come with the reply of an FTP server which says why.
    private static let refusals = Set(
        [
            CURLE_LOGIN_DENIED, CURLE_REMOTE_ACCESS_DENIED, CURLE_FTP_COULDNT_RETR_FILE,
            CURLE_REMOTE_FILE_NOT_FOUND,
        ].map(\.rawValue))

    /// How one attempt ended without an error.
    private enum End {
        case complete
        case paused
        case changed
    }

    init(
        _ settings: Download, url: String, path: String, observer: any DownloadObserver,
        deadline: ContinuousClock.Instant?,
        progress: @escaping @Sendable (Int, Int?) -> Void, interrupt: Interrupt
    ) throws(TransferError) {
        self.settings = settings
        self.url = try TransferURL(url)
        try self.url.check(settings.policy)
        self.path = path
        self.deadline = deadline
        self.interrupt = interrupt
        spool = try DownloadSpool(
            settings, url: self.url.text, path: path, observer: observer, progress: progress)
    }

    func run() throws(TransferError) -> Download.Result {
        do throws(TransferError) {
            try spool.open(interrupt)
            let result = try attempts()
            try spool.save()
            return result
        } catch {
            guard error.isTransient else {
                PartialFile.remove(path)
                throw error
            }
            // A full disk, say, must not hide the first error.
            try? spool.save()
            throw error
        }
    }

    private func attempts() throws(TransferError) -> Download.Result {
        var (idle, changes, best) = (0, 0, spool.offset)
        while !spool.isComplete {
            do throws(TransferError) {
                switch try attempt() {
                case .complete: break
                case .paused: return .paused(bytes: spool.offset, total: spool.source?.total)
                case .changed:
                    changes += 1
                    guard changes <= Self.changesMax else {
                        throw .protocolViolation(reason: "the source keeps changing")
                    }
                    try spool.restart(nil)
                    best = 0
                }
            } catch {
                idle = spool.offset > best ? 0 : idle + 1
                best = max(best, spool.offset)
                guard settings.reconnectsMax > 0, idle <= settings.reconnectsMax,
                    let pause = pause(after: error, idle)
                else {
                    throw error
                }
                guard try rest(pause) else {
                    return .paused(bytes: spool.offset, total: spool.source?.total)
                }
            }
        }
        return .finished(
            Download.Finished(
                url: spool.source?.url ?? url.text, size: spool.offset,
                bytesReceived: spool.bytesReceived, bytesResumed: spool.bytesResumed))
    }

    private func attempt() throws(TransferError) -> End {
        guard timeLeft > .zero else { throw .outOfTime(max: settings.policy.timeMax) }
        switch url.scheme {
        case .http, .https: return try attemptHTTP()
        case .ftp: return try attemptFTP()
        case .file: return try attemptFile()
        }
    }

    private var timeLeft: Duration { settings.policy.timeMax - spool.time }

    /// How long to wait before another attempt; nil when it is not for this run to make one.
    private func pause(after error: TransferError, _ idle: Int) -> Duration? {
        switch error {
        case .status(_, let after):
            guard error.isTransient, (after ?? .zero) <= Self.retryAfterMax else { return nil }
            return after ?? backoff(idle)
        case .curl, .truncated, .protocolViolation: return backoff(idle)
        default: return nil
        }
    }

    private func backoff(_ idle: Int) -> Duration {
        min(settings.reconnectPause * (1 << min(max(idle - 1, 0), 10)), Self.pauseMax)
    }

    /// Waits; false when the deadline came.
    private func rest(_ pause: Duration) throws(TransferError) -> Bool {
        let end = ContinuousClock.now + pause
        while ContinuousClock.now < end {
            if interrupt.isSet { throw .cancelled }
            if isPastDeadline { return false }
            usleep(Self.napMicroseconds)
        }
        return true
    }

    private var isPastDeadline: Bool {
        deadline.map { ContinuousClock.now >= $0 } ?? false
    }
}

// Protocols.
extension DownloadRun {
    private func attemptHTTP() throws(TransferError) -> End {
        var target = url
        for _ in 0...max(settings.policy.redirectsMax, 0) {
            try target.check(settings.policy)
            let receiver = HTTPDownload(spool: spool, url: target, bytesMax: settings.bytesMax)
            let transfer = try CurlTransfer(receiver: receiver, policy: settings.policy)
            try transfer.set(CURLOPT_URL, target.text)
            try transfer.set(CURLOPT_HTTPHEADER, list: receiver.requestHeaders)
            try transfer.setTimeMax(timeLeft)
            let end = try transfer.perform(until: deadline, interrupt: interrupt)
            switch receiver.verdict {
            case .failed(let error): throw error
            case .changed: return .changed
            case .refused(let status): throw refusal(status, transfer)
            case .redirect where target.scheme == .http || target.scheme == .https:
                target = try Redirect.target(of: transfer, from: target)
                if target.scheme == .ftp { return try attemptFTP(target) }
            case .redirect, .pending, .content: return try finish(end, transfer, target)
            }
        }
        throw .tooManyRedirects(max: settings.policy.redirectsMax)
    }

    private func refusal(_ status: Int, _ transfer: CurlTransfer) -> TransferError {
        let seconds = transfer.offset(CURLINFO_RETRY_AFTER)
        return .status(status, retryAfter: seconds > 0 ? .seconds(seconds) : nil)
    }

    private func attemptFTP(_ redirected: TransferURL? = nil) throws(TransferError) -> End {
        let target = redirected ?? url
        try target.check(settings.policy)
        let receiver = FTPDownload(spool: spool, url: target, bytesMax: settings.bytesMax)
        let transfer = try CurlTransfer(receiver: receiver, policy: settings.policy)
        receiver.transfer = transfer
        try transfer.set(CURLOPT_URL, target.text)
        try transfer.set(CURLOPT_FILETIME, 1)
        try transfer.set(CURLOPT_RESUME_FROM_LARGE, offset: receiver.rangeStart)
        try transfer.setTimeMax(timeLeft)
        let end = try transfer.perform(until: deadline, interrupt: interrupt)
        if receiver.hasChanged { return .changed }
        if let failure = receiver.failure { throw failure }
        if case .ended(let code) = end {
            if code == CURLE_OK { try receiver.begin() }
            if receiver.hasChanged || code == CURLE_BAD_DOWNLOAD_RESUME
                || code == CURLE_FTP_COULDNT_USE_REST
            {
                return .changed
            }
            let reply = transfer.long(CURLINFO_RESPONSE_CODE)
            if Self.refusals.contains(code.rawValue), (400...599).contains(reply) {
                throw .ftpRefused(reply: reply)
            }
        }
        return try finish(end, transfer, target)
    }

    private func finish(
        _ end: CurlTransfer.End, _ transfer: CurlTransfer, _ target: TransferURL
    ) throws(TransferError) -> End {
        switch end {
        case .interrupted: throw .cancelled
        case .deadline: return .paused
        case .ended(let code):
            if code == CURLE_OPERATION_TIMEDOUT, timeLeft <= .zero {
                throw .outOfTime(max: settings.policy.timeMax)
            }
            if code == CURLE_PARTIAL_FILE, let total = spool.source?.total {
                throw .truncated(received: spool.offset, expected: total)
            }
            guard code == CURLE_OK else {
                throw CurlFailure.error(code, transfer, host: target.host)
            }
            try spool.complete()
            return .complete
        }
    }

    private func attemptFile() throws(TransferError) -> End {
        let source = try FileSource(url, roots: settings.policy.fileRoots)
        if let size = source.version.total, size > settings.bytesMax {
            throw .tooLarge(bytesMax: settings.bytesMax)
        }
        if spool.offset > 0, spool.source != source.version { return .changed }
        if spool.offset == 0 { try spool.restart(source.version) }
        let isAtEnd = try source.copy(from: spool.offset, to: spool) {
            !interrupt.isSet && !isPastDeadline && timeLeft > .zero
        }
        guard isAtEnd else {
            if interrupt.isSet { throw .cancelled }
            guard isPastDeadline else { throw .outOfTime(max: settings.policy.timeMax) }
            return .paused
        }
        guard try source.isUnchanged(url) else { return .changed }
        try spool.complete()
        return .complete
    }
}
