// SPDX-License-Identifier: Apache-2.0
public import Transfer

/// Speaks the StratusLab marketplace's HTTP protocol, to the original server or to
/// `imprimatur-marketplace`.
///
/// Each call is one bounded request; nothing is repeated here.
public struct MarketplaceClient: Sendable {
    /// The server and how to reach it.
    public struct Configuration: Sendable, Hashable {
        /// Base URL, http or https; a missing final `/` is added.
        public var url: String
        /// A file of certificate authorities in PEM, beside the system's.
        public var caFile: String?
        /// For a server behind basic authentication.
        public var credentials: Credentials?
        /// For one request, connecting included.
        public var timeMax: Duration = .seconds(120)
        public var connectTimeMax: Duration = .seconds(30)

        public init(url: String, caFile: String? = nil, credentials: Credentials? = nil) {
            self.url = url
            self.caFile = caFile
            self.credentials = credentials
        }
    }

    /// Base URL, ending in `/`.
    public let base: String
    private let http: HTTPClient

    /// The longest document, and the longest answer that is read, in bytes.
    public static let documentBytesMax = 1 << 20

    /// - Throws: ``MarketplaceError/invalidURL(_:)``.
    public init(_ configuration: Configuration) throws(MarketplaceError) {
        base = try Self.base(of: configuration.url)
        // The operator names the server, so it may be on a private network.
        var policy = TransferPolicy(
            schemes: [.http, .https], allowsPrivateAddresses: true, caFile: configuration.caFile)
        policy.timeMax = configuration.timeMax
        policy.connectTimeMax = configuration.connectTimeMax
        http = HTTPClient(
            policy: policy, responseBytesMax: Self.documentBytesMax,
            credentials: configuration.credentials)
    }

    /// The entry's own URL. It follows from the entry alone; what a server says in `Location`
    /// may name another host or scheme for the same place.
    public func location(of entry: MarketplaceEntry) -> String { base + entry.path }

    /// Uploads a signed document.
    ///
    /// Repeating it is safe: an identical document is accepted again, except that a server which
    /// asks for confirmation sends another mail.
    public func upload(_ document: [UInt8]) async throws(MarketplaceError) -> MarketplaceUpload {
        guard document.count <= Self.documentBytesMax else {
            throw .documentTooLarge(bytes: document.count)
        }
        let response = try await send(
            HTTPRequest(
                .post, base + "metadata",
                headers: ["Content-Type": "application/rdf+xml", "Accept": "application/xml"],
                body: document))
        switch response.status {
        case 200, 201: return .created(location: response[header: "location"])
        case 202: return .awaitingConfirmation
        case 400, 413, 415, 422:
            return .refused(MarketplaceRefusal(reason: MarketplaceError.reason(in: response)))
        default: throw MarketplaceError(response)
        }
    }

    /// The published document, byte for byte as the server has it; nil when it has none.
    public func lookup(_ entry: MarketplaceEntry) async throws(MarketplaceError) -> [UInt8]? {
        let response = try await send(
            HTTPRequest(
                .get, location(of: entry),
                headers: ["Accept": "application/rdf+xml, application/xml;q=0.9"]))
        switch response.status {
        case 200: return response.body
        case 404, 410: return nil
        default: throw MarketplaceError(response)
        }
    }

    /// The latest entries of an image, by one endorser or by all, inside `<metadata>`; nil when
    /// there are none.
    ///
    /// - Parameter status: `valid`, `expired` or `deprecated`.
    func listing(
        _ identifier: StratusLabIdentifier, by email: String?, status: String
    ) async throws(MarketplaceError) -> [UInt8]? {
        let place = MarketplaceEntry.path([identifier.text] + (email.map { [$0] } ?? []))
        let response = try await send(
            HTTPRequest(
                .get, base + place + "?status=\(status)",
                headers: ["Accept": "application/xml"]))
        switch response.status {
        case 200: return response.body
        case 404, 410: return nil
        default: throw MarketplaceError(response)
        }
    }

    private func send(_ request: HTTPRequest) async throws(MarketplaceError) -> HTTPResponse {
        do {
            return try await http.send(request)
        } catch {
            throw .transfer(error)
        }
    }

    static func base(of url: String) throws(MarketplaceError) -> String {
        let lowered = url.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lowered.hasPrefix($0) }),
            url.utf8.count > scheme.utf8.count, url.utf8.count <= 2048,
            !url.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f || $0 == UInt8(ascii: "?") }),
            !url.contains("#"), !url.contains("@")
        else {
            throw .invalidURL(
                "the marketplace's URL must be http:// or https://, without credentials, query "
                    + "and fragment")
        }
        return url.hasSuffix("/") ? url : url + "/"
    }
}
