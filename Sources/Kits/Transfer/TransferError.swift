// SPDX-License-Identifier: Apache-2.0
public import Files

/// Why a transfer failed. No case holds a URL's query, a credential or a payload.
public enum TransferError: Error, Sendable, Hashable {
    /// Not a URL this kit can use: the field at fault is the URL itself.
    case invalidURL(reason: String)
    /// The URL holds a user name or password. Credentials come from secrets only.
    case credentialsInURL
    case forbiddenScheme(String)
    /// Not on the list of allowed hosts.
    case forbiddenHost(String)
    /// The name leads to a private, loopback, link-local, multicast or otherwise special address.
    case forbiddenAddress(host: String)
    /// A `file:` URL outside the allowed directories, or not a regular file.
    case forbiddenFile(reason: String)
    case tooManyRedirects(max: Int)
    /// A redirect from an encrypted to an unencrypted scheme, or without a usable target.
    case forbiddenRedirect(reason: String)
    /// An HTTP status other than success. `retryAfter` is the server's wish, when it had one.
    case status(Int, retryAfter: Duration?)
    /// An FTP server refused with this reply (RFC 959 section 4.2).
    case ftpRefused(reply: Int)
    /// More bytes than allowed, announced or received.
    case tooLarge(bytesMax: Int)
    /// The total time, summed over all attempts, ran out.
    case outOfTime(max: Duration)
    /// Fewer bytes than announced.
    case truncated(received: Int, expected: Int)
    /// The server broke its protocol, for instance with a `Content-Range` nobody asked for.
    case protocolViolation(reason: String)
    /// libcurl failed: its code and text (https://curl.se/libcurl/c/libcurl-errors.html).
    case curl(code: Int, text: String)
    /// A mail server refused with this reply (RFC 5321 section 4.2).
    case mailRefused(reply: Int, text: String)
    /// A request, message or configuration cannot be sent as given.
    case invalidRequest(field: String, reason: String)
    /// A system call on a local file failed with this `errno`.
    case file(operation: String, errno: Int32)
    /// The observer of a download asked it to stop.
    case stopped
    /// The task was cancelled.
    case cancelled
}

extension TransferError {
    /// True when the same transfer may succeed later without anyone changing it.
    ///
    /// HTTP 408, 425, 429 and 5xx, mail and FTP replies 4xx, connection trouble (a name that does not
    /// resolve and a certificate that does not verify included: both are often repaired where
    /// they arise), time-outs, truncation, and trouble with local files, such as a full disk.
    public var isTransient: Bool {
        switch self {
        case .status(let status, _): status >= 500 || [408, 425, 429].contains(status)
        case .mailRefused(let reply, _), .ftpRefused(let reply): (400...499).contains(reply)
        case .curl, .truncated, .protocolViolation, .file, .cancelled: true
        case .invalidURL, .credentialsInURL, .forbiddenScheme, .forbiddenHost, .forbiddenAddress,
            .forbiddenFile, .tooManyRedirects, .forbiddenRedirect, .tooLarge, .outOfTime,
            .invalidRequest, .stopped:
            false
        }
    }
}

extension TransferError: FileFailure {
    /// The path is left out: it is of no use to the readers of a transfer's error.
    public init(operation: String, path: String, code: Int32) {
        self = .file(operation: operation, errno: code)
    }
}

extension TransferError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidURL(let reason): "the URL is not usable: \(reason)"
        case .credentialsInURL: "the URL contains credentials; they are taken from secrets only"
        case .forbiddenScheme(let scheme): "the scheme '\(scheme)' is not allowed"
        case .forbiddenHost(let host): "the host '\(host)' is not on the list of allowed hosts"
        case .forbiddenAddress(let host):
            "the host '\(host)' has a private, loopback or special address, which is not allowed"
        case .forbiddenFile(let reason): "the file may not be read: \(reason)"
        case .tooManyRedirects(let max): "more than \(max) redirects"
        case .forbiddenRedirect(let reason): "the redirect is not followed: \(reason)"
        case .status(let status, _): "the server answered with status \(status)"
        case .ftpRefused(let reply): "the FTP server answered \(reply)"
        case .tooLarge(let bytesMax): "more than the \(bytesMax) bytes allowed"
        case .outOfTime(let max): "not finished within \(max)"
        case .truncated(let received, let expected):
            "the transfer ended after \(received) of \(expected) bytes"
        case .protocolViolation(let reason): "the server broke its protocol: \(reason)"
        case .curl(let code, let text): "libcurl error \(code): \(text)"
        case .mailRefused(let reply, let text): "the mail server answered \(reply): \(text)"
        case .invalidRequest(let field, let reason): "\(field): \(reason)"
        case .file(let operation, let errno): "\(operation) failed with errno \(errno)"
        case .stopped: "stopped by the receiver"
        case .cancelled: "cancelled"
        }
    }
}
