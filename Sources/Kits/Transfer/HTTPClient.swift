// SPDX-License-Identifier: Apache-2.0

/// Sends small HTTP requests, over libcurl. Each has a connection of its own.
public struct HTTPClient: Sendable {
    private let policy: TransferPolicy
    private let responseBytesMax: Int
    private let credentials: Credentials?

    /// The longest request body, in bytes.
    public static let requestBytesMax = 64 << 20

    /// - Parameters:
    ///   - policy: redirects, when allowed, are followed for GET and HEAD only.
    ///   - responseBytesMax: a longer response body is an error.
    ///   - credentials: for basic authentication (RFC 7617), sent with the first request but not
    ///     to where a redirect leads.
    public init(
        policy: TransferPolicy, responseBytesMax: Int = 1 << 20, credentials: Credentials? = nil
    ) {
        self.policy = policy
        self.responseBytesMax = responseBytesMax
        self.credentials = credentials
    }

    /// Sends `request` and returns the response whatever its status.
    ///
    /// Any task may call it, several at once; libcurl runs on a queue of its own. A cancelled
    /// task's request ends within about 0.1 s.
    public func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        let exchange = HTTPExchange(
            request: request, policy: policy, responseBytesMax: responseBytesMax,
            credentials: credentials)
        return try await InterruptibleThread.run { interrupt throws(TransferError) in
            try exchange.run(interrupt)
        }
    }
}
