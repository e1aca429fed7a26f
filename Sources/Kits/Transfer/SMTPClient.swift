// SPDX-License-Identifier: Apache-2.0

/// Hands mails to one mail server (RFC 5321), over libcurl.
public struct SMTPClient: Sendable {
    /// Where the server is and how to speak to it.
    public struct Configuration: Sendable, Hashable {
        public enum Security: String, Sendable, Hashable, CaseIterable {
            /// No encryption: for a server on the same machine or network.
            case none
            /// STARTTLS (RFC 3207), required: without it nothing is sent.
            case startTLS = "starttls"
            /// TLS from the first byte (RFC 8314).
            case tls
        }

        /// A name or an address.
        public var host: String
        public var port: Int
        public var security: Security
        public var credentials: Credentials?
        /// What EHLO says. Without it libcurl looks up the machine's own name, which may take long.
        public var helloName = "localhost"
        public var caFile: String?
        public var connectTimeMax: Duration = .seconds(20)
        public var timeMax: Duration = .seconds(120)

        public init(
            host: String, port: Int, security: Security = .none,
            credentials: Credentials? = nil
        ) {
            self.host = host
            self.port = port
            self.security = security
            self.credentials = credentials
        }
    }

    private let configuration: Configuration

    /// - Throws: ``TransferError/invalidRequest(field:reason:)``; credentials need encryption.
    public init(_ configuration: Configuration) throws(TransferError) {
        try Self.check(configuration)
        self.configuration = configuration
    }

    /// Sends one mail to all its recipients; all or none of them are accepted.
    ///
    /// Any task may call it, several at once.
    ///
    /// - Parameter envelopeFrom: whom the server tells about bounces; the author by default.
    /// - Throws: ``TransferError/mailRefused(reply:text:)`` with the server's reply (4xx passes,
    ///   5xx is final), or another ``TransferError``. After a lost connection the server may have
    ///   taken the mail nevertheless: the deterministic ``MailMessage/messageID`` joins the two.
    public func send(
        _ message: MailMessage, envelopeFrom: MailAddress? = nil
    ) async throws(TransferError) {
        let bytes = try message.rendered()
        let envelope = Envelope(
            from: (envelopeFrom ?? message.from).address, to: message.to.map(\.address))
        let configuration = configuration
        try await InterruptibleThread.run { interrupt throws(TransferError) in
            try MailExchange(configuration, envelope, bytes).run(interrupt)
        }
    }

    private static func check(_ configuration: Configuration) throws(TransferError) {
        let isHost = { (text: String) in
            (1...253).contains(text.utf8.count)
                && text.utf8.allSatisfy { MailAddress.isAtomByte($0) || ".:[]".utf8.contains($0) }
                && !text.utf8.contains { "/?#%".utf8.contains($0) }
        }
        guard isHost(configuration.host) else {
            throw .invalidRequest(field: "mail host", reason: "is not a host name or address")
        }
        guard isHost(configuration.helloName) else {
            throw .invalidRequest(field: "hello name", reason: "is not a host name")
        }
        guard (1...65_535).contains(configuration.port) else {
            throw .invalidRequest(field: "mail port", reason: "is not in 1 to 65535")
        }
        guard configuration.credentials == nil || configuration.security != .none else {
            throw .invalidRequest(
                field: "mail credentials", reason: "are sent over an encrypted connection only")
        }
    }
}
