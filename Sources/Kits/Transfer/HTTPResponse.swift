// SPDX-License-Identifier: Apache-2.0

/// What an HTTP server answered, whatever the status.
public struct HTTPResponse: Sendable, Hashable {
    public var status: Int
    /// Header fields in the order received; names in lower case.
    public var headers: [Header]
    /// As served: no content coding is undone.
    public var body: [UInt8]
    /// Where the response came from, after redirects.
    public var url: String

    public init(status: Int, headers: [Header] = [], body: [UInt8] = [], url: String) {
        self.status = status
        self.headers = headers
        self.body = body
        self.url = url
    }

    /// One header field.
    public struct Header: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The first header field `name`, in any letter case.
    public subscript(header name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name == wanted }?.value
    }

    /// The server's wish in `Retry-After`, when it is a number of seconds up to a day.
    public var retryAfter: Duration? {
        guard let text = self[header: "retry-after"], let seconds = Int(text),
            (0...86_400).contains(seconds)
        else { return nil }
        return .seconds(seconds)
    }
}
