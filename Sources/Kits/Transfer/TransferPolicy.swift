// SPDX-License-Identifier: Apache-2.0

/// What transfers may reach and how long they may take.
///
/// The rules hold for the first URL and for every redirect. Addresses are judged when the socket
/// is made, so a name that resolves differently a second time gains nothing. TLS peers are always
/// verified. Proxies named by the environment are ignored.
public struct TransferPolicy: Sendable, Hashable {
    public var schemes: Set<TransferScheme> = [.http, .https]
    /// Allowed hosts: a name, an address, or `*.example.org` for all names below. Any when nil.
    public var hosts: [String]?
    /// Allows private, loopback, link-local, multicast and other special addresses. Right for
    /// servers the operator configured, wrong for URLs that come in a request.
    public var allowsPrivateAddresses = false
    /// Directories that `file:` URLs may read below.
    public var fileRoots: [String] = []
    /// 0 follows none.
    public var redirectsMax = 0
    public var connectTimeMax: Duration = .seconds(30)
    /// For the whole transfer, over all attempts.
    public var timeMax: Duration = .seconds(120)
    /// The slowest acceptable speed in bytes per second, over ``lowSpeedTime``.
    public var lowSpeedBytes = 1_024
    public var lowSpeedTime: Duration = .seconds(60)
    /// A file of certificate authorities in PEM, beside the system's.
    public var caFile: String?
    /// An HTTP proxy's URL. The proxy then decides which addresses are reached.
    public var proxy: String?

    public init() {}

    public init(
        schemes: Set<TransferScheme>, allowsPrivateAddresses: Bool = false,
        redirectsMax: Int = 0, caFile: String? = nil
    ) {
        self.schemes = schemes
        self.allowsPrivateAddresses = allowsPrivateAddresses
        self.redirectsMax = redirectsMax
        self.caFile = caFile
    }

    /// Judges a URL's form, scheme and host without connecting to anything.
    public func check(_ url: String) throws(TransferError) {
        try TransferURL(url).check(self)
    }
}

/// A URL scheme that downloads understand.
public enum TransferScheme: String, Sendable, Hashable, CaseIterable {
    case http, https, ftp, file
}
