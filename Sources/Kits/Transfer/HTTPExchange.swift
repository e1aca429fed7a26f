// SPDX-License-Identifier: Apache-2.0
import CCurl

/// One request and its response, redirects included. Blocking.
struct HTTPExchange {
    let request: HTTPRequest
    let policy: TransferPolicy
    let responseBytesMax: Int
    let credentials: Credentials?

    func run(_ interrupt: Interrupt) throws(TransferError) -> HTTPResponse {
        let headers = try checkedHeaders()
        let first = try TransferURL(request.url)
        var target = first
        for _ in 0...max(policy.redirectsMax, 0) {
            try target.check(policy)
            guard target.scheme == .http || target.scheme == .https else {
                throw .forbiddenScheme(target.scheme.rawValue)
            }
            let receiver = ResponseReceiver(bytesMax: responseBytesMax)
            let transfer = try CurlTransfer(receiver: receiver, policy: policy)
            let isFirst = target == first
            try prepare(transfer, target, isFirst ? headers : [])
            if isFirst, let credentials { try authenticate(transfer, credentials) }
            let end = try transfer.perform(interrupt: interrupt)
            let response = try finish(end, transfer, receiver, target)
            guard follows(response.status) else { return response }
            target = try Redirect.target(of: transfer, from: target)
        }
        throw .tooManyRedirects(max: policy.redirectsMax)
    }

    private func follows(_ status: Int) -> Bool {
        policy.redirectsMax > 0 && Redirect.statuses.contains(status)
            && (request.method == .get || request.method == .head)
    }

    /// Header fields of the caller go to the first server only: they may hold secrets.
    private func checkedHeaders() throws(TransferError) -> [String] {
        guard request.body.count <= HTTPClient.requestBytesMax else {
            throw .invalidRequest(
                field: "request body", reason: "exceeds \(HTTPClient.requestBytesMax) bytes")
        }
        var lines: [String] = []
        for (name, value) in request.headers.sorted(by: { $0.key < $1.key }) {
            guard !name.isEmpty, name.utf8.allSatisfy(MailAddress.isAtomByte) else {
                throw .invalidRequest(field: "header name", reason: "is not a token")
            }
            guard !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
                throw .invalidRequest(field: "header \(name)", reason: "has a control character")
            }
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        return lines
    }

    private func prepare(
        _ transfer: CurlTransfer, _ target: TransferURL, _ headers: [String]
    ) throws(TransferError) {
        try transfer.set(CURLOPT_URL, target.text)
        switch request.method {
        case .get: try transfer.set(CURLOPT_HTTPGET, 1)
        case .head: try transfer.set(CURLOPT_NOBODY, 1)
        case .post, .put, .patch:
            try transfer.setUpload(request.body)
            try transfer.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case .delete: try transfer.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        // Without this libcurl waits a second for "100 Continue" before larger bodies.
        try transfer.set(CURLOPT_HTTPHEADER, list: headers + ["Expect:"])
    }

    private func authenticate(
        _ transfer: CurlTransfer, _ credentials: Credentials
    ) throws(TransferError) {
        try transfer.set(CURLOPT_HTTPAUTH, ccurl_auth_basic)
        try transfer.set(CURLOPT_USERNAME, credentials.user)
        try transfer.set(CURLOPT_PASSWORD, credentials.password)
    }

    private func finish(
        _ end: CurlTransfer.End, _ transfer: CurlTransfer, _ receiver: ResponseReceiver,
        _ target: TransferURL
    ) throws(TransferError) -> HTTPResponse {
        if let failure = receiver.failure { throw failure }
        switch end {
        case .interrupted, .deadline: throw .cancelled
        case .ended(let code) where code != CURLE_OK:
            throw CurlFailure.error(code, transfer, host: target.host)
        case .ended: break
        }
        return HTTPResponse(
            status: receiver.head.status, headers: receiver.head.headers, body: receiver.body,
            url: target.text)
    }
}

/// Keeps a bounded response in memory.
private final class ResponseReceiver: CurlReceiver {
    private(set) var head = HTTPHead()
    private(set) var body: [UInt8] = []
    private(set) var failure: TransferError?
    private let bytesMax: Int

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    func header(_ line: UnsafeRawBufferPointer) -> Bool {
        guard head.take(line) else {
            failure = .protocolViolation(reason: "a header beyond \(HTTPHead.bytesMax) bytes")
            return false
        }
        return true
    }

    func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= bytesMax else {
            failure = .tooLarge(bytesMax: bytesMax)
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }
}

/// Where a redirect leads, and whether it may.
enum Redirect {
    /// RFC 9110 section 15.4; 300 and 304 lead nowhere by themselves.
    static let statuses: Set<Int> = [301, 302, 303, 307, 308]

    /// The target, not yet judged by the policy.
    static func target(
        of transfer: CurlTransfer, from source: TransferURL
    ) throws(TransferError) -> TransferURL {
        guard let text = transfer.string(CURLINFO_REDIRECT_URL) else {
            throw .forbiddenRedirect(reason: "it has no usable Location")
        }
        let target = try TransferURL(text)
        guard target.scheme != .file, source.scheme != .https || target.scheme == .https else {
            throw .forbiddenRedirect(
                reason: "it leads from \(source.scheme.rawValue) to \(target.scheme.rawValue)")
        }
        return target
    }
}

/// libcurl's codes as errors of this kit.
enum CurlFailure {
    static func error(
        _ code: CURLcode, _ transfer: CurlTransfer, host: String
    ) -> TransferError {
        if transfer.refusedAddress, code == CURLE_COULDNT_CONNECT {
            return .forbiddenAddress(host: host)
        }
        switch code {
        case CURLE_UNSUPPORTED_PROTOCOL: return .forbiddenScheme("of this transfer")
        case CURLE_URL_MALFORMAT: return .invalidURL(reason: transfer.text(code))
        default: return .curl(code: Int(code.rawValue), text: transfer.text(code))
        }
    }
}
