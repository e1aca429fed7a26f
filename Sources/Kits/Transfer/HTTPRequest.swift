// SPDX-License-Identifier: Apache-2.0

/// A small HTTP request whose body fits in memory.
public struct HTTPRequest: Sendable, Hashable {
    public enum Method: String, Sendable, Hashable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    public var method: Method
    /// http or https, without credentials.
    public var url: String
    /// Field names (tokens of RFC 9110 section 5.1) and values (no control characters).
    public var headers: [String: String]
    /// Sent with POST, PUT and PATCH. At most 64 MiB.
    public var body: [UInt8]

    public init(
        _ method: Method, _ url: String, headers: [String: String] = [:], body: [UInt8] = []
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}
