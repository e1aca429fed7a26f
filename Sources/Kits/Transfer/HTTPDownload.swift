// SPDX-License-Identifier: Apache-2.0
import CCurl

/// Takes one HTTP response into the spool, after judging whether it continues what is there.
final class HTTPDownload: CurlReceiver {
    /// What the response turned out to be.
    enum Verdict: Hashable {
        case pending
        /// Its body goes into the file.
        case content
        case redirect
        case refused(status: Int)
        /// Not the rest of what is in the file: begin anew.
        case changed
        case failed(TransferError)
    }

    private(set) var verdict = Verdict.pending
    private(set) var head = HTTPHead()
    private let spool: DownloadSpool
    private let url: TransferURL
    private let bytesMax: Int
    /// The offset asked for in `Range`; 0 when none was sent.
    private let rangeStart: Int
    private var discarded = 0

    /// How much of a redirect's or an error's body is read away.
    private static let discardedMax = 64 << 10

    init(spool: DownloadSpool, url: TransferURL, bytesMax: Int) {
        self.spool = spool
        self.url = url
        self.bytesMax = bytesMax
        let isResumable = spool.source?.httpValidator != nil
        rangeStart = isResumable ? spool.offset : 0
    }

    /// `Range` and `If-Range` (RFC 9110 sections 14.2 and 13.1.5), and no coding on top.
    var requestHeaders: [String] {
        let identity = "Accept-Encoding: identity"
        guard rangeStart > 0, let validator = spool.source?.httpValidator else { return [identity] }
        return [identity, "Range: bytes=\(rangeStart)-", "If-Range: \(validator)"]
    }

    func header(_ line: UnsafeRawBufferPointer) -> Bool {
        let wasComplete = head.isComplete
        guard head.take(line) else {
            return fail(.protocolViolation(reason: "a header beyond \(HTTPHead.bytesMax) bytes"))
        }
        guard head.isComplete, !wasComplete else { return true }
        do throws(TransferError) {
            verdict = try judge()
        } catch {
            return fail(error)
        }
        return verdict != .changed
    }

    func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard verdict == .content else {
            discarded += bytes.count
            return discarded <= Self.discardedMax
        }
        do throws(TransferError) {
            try spool.append(bytes)
            return true
        } catch {
            return fail(error)
        }
    }

    private func fail(_ error: TransferError) -> Bool {
        verdict = .failed(error)
        return false
    }

    private func judge() throws(TransferError) -> Verdict {
        switch head.status {
        case 200:
            let total = announcedLength()
            try checkSize(total)
            try spool.restart(SourceVersion(url: url, head: head, total: total))
            return .content
        case 206: return try judgePartial()
        case 416 where rangeStart > 0: return .changed
        case let status where Redirect.statuses.contains(status): return .redirect
        case let status: return .refused(status: status)
        }
    }

    /// A 206 is the rest of the same bytes only when all it says agrees with what is there. Some
    /// servers ignore `If-Range`, so its word alone is not enough.
    private func judgePartial() throws(TransferError) -> Verdict {
        guard rangeStart > 0, let source = spool.source else {
            throw .protocolViolation(reason: "status 206 without a range asked for")
        }
        guard let range = ContentRange(head.value("content-range")), range.first == rangeStart,
            source.resource == url.resource
        else { return .changed }
        if let total = source.total, let announced = range.total, total != announced {
            return .changed
        }
        if let tag = source.entityTag {
            guard head.value("etag") == tag else { return .changed }
        } else if let modified = head.value("last-modified"), modified != source.modified {
            return .changed
        }
        try checkSize(range.total)
        if let total = range.total { spool.learn(total: total) }
        return .content
    }

    private func checkSize(_ size: Int?) throws(TransferError) {
        guard let size, size > bytesMax else { return }
        throw .tooLarge(bytesMax: bytesMax)
    }

    /// Nil for chunked bodies and those that end with the connection.
    private func announcedLength() -> Int? {
        guard head.value("transfer-encoding") == nil else { return nil }
        return head.value("content-length").flatMap { ContentRange.number($0) }
    }
}
